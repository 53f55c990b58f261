package stocktest

import (
	"maps"
	"strings"
	"testing"

	"tierstock/model"
	"tierstock/store"
)

// inverse is a pair of doings, of which the second takes back the first. The name is a new one
// each time, for a reservation.
type inverse struct {
	name     string
	do, undo func(s *Site, name string)
}

// conformInverses: done, undone, done again and undone again, stock ends where it began.
func conformInverses(t *testing.T, db *store.DB) {
	t.Helper()
	for _, pair := range inverses() {
		t.Run(pair.name, func(t *testing.T) {
			s := New(t, db)
			for _, bin := range []string{"F1", "B1", "B2"} {
				s.Receive(bin, "8").OK()
			}
			s.Reserve("R", "2").OK()
			pair.run(s)
		})
	}
}

func (p inverse) run(s *Site) {
	before := s.rows()
	var done Picture
	for _, name := range []string{"R-1", "R-2", "R-3"} {
		p.do(s, name)
		if now := s.rows(); done != nil && !maps.Equal(now, done) {
			s.t.Errorf("done again it is%s\nand was%s", now, done)
		} else {
			done = now
		}
		p.undo(s, name)
		if now := s.rows(); !maps.Equal(now, before) {
			s.t.Errorf("undone it is%s\nand was%s", now, before)
		}
	}
}

// rows is the part of a picture that is stock, without rows at zero.
func (s *Site) rows() Picture {
	s.t.Helper()
	picture := s.Picture()
	maps.DeleteFunc(picture, func(name, text string) bool {
		return strings.HasPrefix(name, "R") || strings.Contains(name, ">") ||
			text == amounts(model.Amounts{})
	})
	return picture
}

func inverses() []inverse {
	return append(stockInverses(), []inverse{
		{"reserve, release", func(s *Site, name string) { s.Reserve(name, "7").OK() },
			func(s *Site, name string) { s.Release(name, "").OK() }},
		{"reserve, expire", func(s *Site, name string) { s.Reserve(name, "7", ttl(60)).OK() },
			func(s *Site, _ string) {
				s.Elapse()
				s.Expire()
			}},
		{"pin, release", func(s *Site, name string) {
			s.Reserve(name, "12").OK()
			s.Pin(name, "", "").OK()
		}, func(s *Site, name string) { s.Release(name, "").OK() }},
		{"pin, unpin", func(s *Site, name string) {
			s.Reserve(name, "4").OK()
			s.Unpin(s.Pin(name, "F1", "").OK()).OK()
			s.Pin(name, "F1", "").OK()
		}, func(s *Site, name string) { s.Release(name, "").OK() }},
		{"deduct, restore", func(s *Site, name string) {
			s.Reserve(name, "12").OK()
			s.Deduct(name, "", func(l *model.DeductLine) { l.Key = Line(name) }).OK()
		}, func(s *Site, name string) {
			s.Restore(Answer{Line: Line(name)}, "5").OK()
			s.Restore(Answer{Line: Line(name)}, "").OK()
		}},
		{"pick, restore", func(s *Site, name string) {
			s.Reserve(name, "5").OK()
			s.Pick(name, "F1", "5", "", func(l *model.PickLine) { l.Key.TaskID = name }).OK()
		}, func(s *Site, name string) {
			s.Restore(Answer{Task: model.TaskKey{JobType: "FLOOR", TaskID: name}}, "").OK()
		}},
		{"pick to a tote, put back", func(s *Site, name string) {
			s.Reserve(name, "5").OK()
			s.Pick(name, "F1", "5", "T2").OK()
		}, func(s *Site, name string) {
			s.Move("T2", "F1", "5", With(name)).OK()
			s.Release(name, "").OK()
		}},
	}...)
}

func stockInverses() []inverse {
	return []inverse{
		{"receive, adjust down", func(s *Site, _ string) { s.Receive("F1", "3").OK() },
			func(s *Site, _ string) { s.Adjust("F1", "-3").OK() }},
		{"move, move back", func(s *Site, _ string) { s.Move("F1", "B1", "6").OK() },
			func(s *Site, _ string) { s.Move("B1", "F1", "6").OK() }},
		{"move held stock, and back", func(s *Site, _ string) { s.Move("F1", "B1", "2", With("R")).OK() },
			func(s *Site, _ string) { s.Move("B1", "F1", "2", With("R")).OK() }},
		{"freeze, unfreeze", func(s *Site, _ string) { s.Freeze("F1", "3").OK() },
			func(s *Site, _ string) { s.Unfreeze("F1", "3").OK() }},
		{"adjust up, adjust down frozen", func(s *Site, _ string) {
			s.Adjust("F1", "3", func(l *model.AdjustLine) { l.Frozen = true }).OK()
		}, func(s *Site, _ string) {
			s.Adjust("F1", "-3", func(l *model.AdjustLine) { l.Frozen = true }).OK()
		}},
		{"repack, repack back", func(s *Site, _ string) { s.Repack("F1", "", "BOX", "6").OK() },
			func(s *Site, _ string) { s.Repack("F1", "BOX", "", "1").OK() }},
		{"block, unblock and unfreeze", func(s *Site, _ string) { s.Block("B2").OK() },
			func(s *Site, _ string) {
				s.Unblock("B2").OK()
				s.Unfreeze("B2", "8").OK()
			}},
		{"count down, count up", func(s *Site, _ string) { s.Count("F1", "6").OK() },
			func(s *Site, _ string) { s.Count("F1", "8").OK() }},
		{"short pick, count and put back", func(s *Site, name string) {
			s.Reserve(name, "3").OK()
			s.Pick(name, "F1", "2", "", Short, func(l *model.PickLine) { l.Key.TaskID = name }).OK()
		}, func(s *Site, name string) {
			s.Count("F1", "6").OK()
			s.Release(name, "").OK()
			s.Restore(Answer{Task: model.TaskKey{JobType: "FLOOR", TaskID: name}}, "").OK()
		}},
		{"exception, count", func(s *Site, _ string) { s.Report(model.Damaged, "F1", "").OK() },
			func(s *Site, _ string) { s.Count("F1", "8").OK() }},
	}
}
