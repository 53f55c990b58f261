package bench

// Report is all that one run of the benchmark has to say. Its JSON is the contract's, with more
// beside it.
type Report struct {
	Server Server             `json:"server"`
	Cells  []Cell             `json:"cells"`
	Scores map[string]float64 `json:"scores"`
	// Goals are what each score should reach; see Goal.
	Goals []Goal `json:"goals"`
}

// Server is where the figures come from. Absolute figures do not carry to another machine.
type Server struct {
	// Database is its product and version, as in "MariaDB 10.11.19".
	Database string `json:"database"`
	// Settings are those that decide what a commit costs, by name.
	Settings map[string]string `json:"settings"`
	Redis    string            `json:"redis,omitempty"`
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`
	Go       string            `json:"go"`
	Commit   string            `json:"commit,omitempty"`
	Date     string            `json:"date"`
	Seed     uint64            `json:"seed"`
	Rounds   int               `json:"rounds"`
	// Seconds is how long each cell was measured in each round.
	Seconds float64 `json:"secondsPerCell"`
	// EngineBytesMax is the largest resident set that this process reached.
	EngineBytesMax int64 `json:"engineBytesMax"`
}

// Cell is one contender at one workload with so many callers: the median over the rounds, and how
// far the rounds lay apart.
type Cell struct {
	Workload  string `json:"workload"`
	Contender string `json:"contender"`
	Callers   int    `json:"callers"`
	// LinesPerCall is 1 but for api and the submit beside it.
	LinesPerCall   int     `json:"linesPerCall"`
	LinesPerSecond float64 `json:"linesPerSecond"`
	LowestPerSec   float64 `json:"lowestLinesPerSecond"`
	HighestPerSec  float64 `json:"highestLinesPerSecond"`
	P50Ms          float64 `json:"p50Ms"`
	P99Ms          float64 `json:"p99Ms"`
	// Lines were answered in the measured time of all rounds together; Refused of them for want
	// of stock, Busy for want of room.
	Lines   int64 `json:"lines"`
	Refused int64 `json:"refused"`
	Busy    int64 `json:"busy"`
	// BatchLines is how many lines a commit carried, LinesPerRow how many a stock row that it
	// wrote, Redone how many batches were run again. Only the engine has them.
	BatchLines  float64 `json:"batchLines,omitempty"`
	LinesPerRow float64 `json:"linesPerStockRow,omitempty"`
	Redone      int64   `json:"redone"`
	// CPUSecondsPer1000 is what this process and, where it is on this machine, the server took.
	CPUSecondsPer1000 float64 `json:"cpuSecondsPer1000Lines"`
	// Ledger is how many flows the warehouse had when the cell began, where that is the point.
	Ledger int64 `json:"ledger,omitempty"`
	// Oracle is "ok", or what was oversold, doubled or lost. A cell without "ok" does not count.
	Oracle string `json:"oracle"`
}

// Goal says what a score should reach, and whether more or less of it is better.
type Goal struct {
	Score string `json:"score"`
	// Words are the score in one line for people.
	Words string  `json:"words"`
	Goal  float64 `json:"goal"`
	// AtMost: less is better.
	AtMost bool `json:"atMost"`
	// Unmeasured: this run had no cells for it.
	Unmeasured bool    `json:"unmeasured"`
	Value      float64 `json:"value"`
	Reached    bool    `json:"reached"`
}
