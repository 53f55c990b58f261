package stocktest

import (
	"context"
	"testing"

	"tierstock/flow"
	"tierstock/model"
)

// Whoever lost the answer to a pin learns from its replay which tasks it made, as they are now.
func TestReplayNamesTasks(t *testing.T) {
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			s := New(t, Migrated(t, backend.URL(t)))
			s.Receive("F1", "5").OK()
			s.Receive("F2", "5").OK()
			s.Reserve("R", "8").OK()
			first := s.Pin("R", "", "").OK()
			again := func() []model.Task {
				results, err := s.Tier3.Pin(context.Background(), flow.Mode{},
					[]model.PinLine{{Key: first.Task, Warehouse: s.Warehouse, Reservation: Line("R")}})
				if err != nil || results[0].Code != model.Replayed {
					t.Fatalf("%+v: %v", results, err)
				}
				return results[0].Tasks
			}
			if tasks := again(); len(tasks) != 2 || tasks[0] != first.Tasks[0] ||
				tasks[1] != first.Tasks[1] {
				t.Errorf("the replay names %+v, not %+v", tasks, first.Tasks)
			}
			s.Deduct("R", "").OK()
			for _, task := range again() {
				if task.OrderID != "R" || task.State != model.TaskCancelled {
					t.Errorf("after the goods have left: %+v", task)
				}
			}
		})
	}
}
