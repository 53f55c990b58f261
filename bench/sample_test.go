package bench

// curvePoint is callers, lines a second, p50 and p99.
type curvePoint struct {
	callers       int
	lines, median float64
	p99           float64
}

// sampleCells are one contender's, with rounds that lay 8 per cent apart.
func sampleCells(workload, contender string, points ...curvePoint) []Cell {
	cells := make([]Cell, 0, len(points))
	for _, p := range points {
		c := Cell{
			Workload: workload, Contender: contender, Callers: p.callers, LinesPerCall: 1,
			LinesPerSecond: p.lines, LowestPerSec: p.lines * 0.95, HighestPerSec: p.lines * 1.03,
			P50Ms: p.median, P99Ms: p.p99, Lines: int64(p.lines) * 15, CPUSecondsPer1000: 1900 / p.lines,
			Oracle: "ok",
		}
		if contender == "merged" {
			c.BatchLines, c.LinesPerRow = float64(p.callers)/2+0.5, float64(p.callers)/2+0.5
		}
		cells = append(cells, c)
	}
	return cells
}

// sampleReport is made by hand, near what a machine with two cores showed.
func sampleReport() Report {
	report := Report{
		Server: Server{
			Database: "MariaDB 10.11.19", Redis: "Redis 7.0.15", CPU: "Intel Xeon @ 2.80GHz", Cores: 2,
			Go: "go1.26.0", Commit: "5e7b324", Date: "2026-01-05", Seed: 42, Rounds: 5, Seconds: 3,
			EngineBytesMax: 187 << 20,
			Settings: map[string]string{
				"innodb_flush_log_at_trx_commit": "1", "sync_binlog": "0", "log_bin": "OFF",
				"innodb_buffer_pool_size": "1073741824", "innodb_doublewrite": "ON",
			},
		},
		Scores: map[string]float64{"limitRatioHot1": 0.87, "peakLines": 104200},
		Goals: []Goal{
			{Score: "limitRatioHot1", Goal: 0.85, Value: 0.87, Reached: true,
				Words: "merged against what the database can insert at all, one hot row"},
			{Score: "limitRatioUniform10k", Goal: 0.6, Value: 0.54,
				Words: "merged against what the database can insert at all, 10,000 rows"},
			{Score: "speedupHot1", Goal: 40, Value: 73.1, Reached: true,
				Words: "merged against the best of naive, for-update and optimistic, one hot row"},
			{Score: "hotPenalty", Goal: 1, Value: 1.48, Reached: true,
				Words: "one hot row against 10,000 rows: a hot row is no slower than a cold one"},
			{Score: "growthLoss", Goal: 0.1, Value: 0.06, AtMost: true, Reached: true,
				Words: "what each tenfold of the ledger costs"},
			{Score: "replayLoss", Goal: 0.25, Value: 0.31, AtMost: true,
				Words: "what it costs when 30 per cent of the keys are repeated"},
			{Score: "redisDurable", Goal: 1, Unmeasured: true,
				Words: "merged against Redis that syncs every write, one hot row"},
		},
	}
	for _, cells := range [][]Cell{
		sampleCells("hot1", "naive", curvePoint{1, 690, 1.4, 2.6}, curvePoint{8, 1590, 4.7, 11},
			curvePoint{64, 2307, 27, 55}, curvePoint{256, 1950, 128, 310},
			curvePoint{1000, 1370, 700, 1900}, curvePoint{4096, 410, 8900, 21000}),
		sampleCells("hot1", "for-update", curvePoint{1, 560, 1.7, 3.1}, curvePoint{8, 1310, 6, 13},
			curvePoint{64, 1765, 36, 71}, curvePoint{256, 1500, 165, 420},
			curvePoint{1000, 1080, 900, 2500}, curvePoint{4096, 320, 9900, 29000}),
		sampleCells("hot1", "optimistic", curvePoint{1, 640, 1.5, 2.8}, curvePoint{8, 300, 20, 180},
			curvePoint{64, 61, 700, 3900}),
		sampleCells("hot1", "split", curvePoint{1, 610, 1.6, 2.9}, curvePoint{8, 2200, 3.5, 9},
			curvePoint{64, 3900, 15, 41}, curvePoint{256, 3800, 65, 180},
			curvePoint{1000, 3100, 310, 900}, curvePoint{4096, 1400, 2800, 7100}),
		sampleCells("hot1", "queue", curvePoint{1, 680, 1.4, 2.7}, curvePoint{8, 760, 10, 15},
			curvePoint{64, 780, 82, 98}, curvePoint{256, 775, 330, 370},
			curvePoint{1000, 770, 1300, 1420}, curvePoint{4096, 750, 5300, 5700}),
		sampleCells("hot1", "merged", curvePoint{1, 650, 1.5, 2.7}, curvePoint{8, 4300, 1.8, 3.4},
			curvePoint{64, 27600, 2.2, 4.6}, curvePoint{256, 66000, 3.7, 8.2},
			curvePoint{1000, 100200, 9.4, 19}, curvePoint{4096, 104200, 38, 71}),
		sampleCells("hot1", "limit", curvePoint{4, 115000, 30, 51}),
		sampleCells("hot1", "redis", curvePoint{1, 9200, 0.1, 0.2}, curvePoint{8, 31000, 0.2, 0.6},
			curvePoint{64, 58000, 1, 3.1}, curvePoint{1000, 66000, 14, 31},
			curvePoint{4096, 61000, 64, 140}),
		sampleCells("hot1", "redis-durable", curvePoint{1, 890, 1.1, 2.1},
			curvePoint{64, 34000, 1.8, 4}, curvePoint{1000, 113000, 8.1, 18},
			curvePoint{4096, 118000, 33, 70}),
		sampleCells("uniform10k", "naive", curvePoint{1, 680, 1.4, 2.6}, curvePoint{64, 4522, 14, 27},
			curvePoint{1000, 3900, 250, 610}),
		sampleCells("uniform10k", "for-update", curvePoint{64, 3300, 19, 36}),
		sampleCells("uniform10k", "merged", curvePoint{1, 640, 1.5, 2.7},
			curvePoint{64, 21000, 2.9, 6.1}, curvePoint{1000, 67500, 14, 29}),
		sampleCells("uniform10k", "limit", curvePoint{4, 125000, 28, 49}),
		sampleCells("zipf", "naive", curvePoint{64, 3100, 20, 48}),
		sampleCells("zipf", "merged", curvePoint{64, 23000, 2.7, 5.6}, curvePoint{1000, 74000, 13, 27}),
		sampleCells("mixed", "merged", curvePoint{64, 19000, 3.3, 7}),
	} {
		report.Cells = append(report.Cells, cells...)
	}
	broken := sampleCells("zipf", "optimistic", curvePoint{64, 900000, 0.1, 0.2})[0]
	broken.Oracle = "3 pieces oversold at SKU-7"
	short := sampleCells("hot1-half", "merged", curvePoint{1000, 98000, 9.9, 21})[0]
	short.Refused, short.Busy, short.Redone = short.Lines/2, 120, 4
	api := sampleCells("api", "api", curvePoint{64, 41000, 150, 230})[0]
	api.LinesPerCall = 100
	growth := sampleCells("growth", "merged", curvePoint{1000, 63000, 15, 33})[0]
	growth.Ledger = 1000000
	report.Cells = append(report.Cells, broken, short, api, growth)
	return report
}
