package bench

import "testing"

func result(values map[Figure]float64) *Result {
	r := NewResult("")
	for f, value := range values {
		r.Set(f, value)
	}
	return r
}

func TestGoals(t *testing.T) {
	type values = map[Figure]float64
	tests := []struct {
		name      string
		nodes     int
		figure    Figure
		own, peer values
		want      bool
	}{
		{"just at most", 1000, StartAll, values{StartAll: 2}, values{StartAll: 10}, true},
		{"more", 1000, StartAll, values{StartAll: 3}, values{StartAll: 10}, false},
		{"CPU until all numbers", 5000, StartCPU, values{StartCPU: 3}, values{StartCPU: 10}, true},
		{"not measured", 1000, StartAll, nil, values{StartAll: 10}, false},
		{"nothing to compare with", 1000, StartAll, values{StartAll: 2}, nil, false},
		{"the autoscaler's call", 1000, autoscalers.CPU(), values{autoscalers.CPU(): 3}, values{autoscalers.CPU(): 10}, true},
		{"in a large cluster", 5000, autoscalers.CPU(), values{autoscalers.CPU(): 3}, values{autoscalers.CPU(): 10}, false},
		{"as old as without hung nodes", 1000, HungTail, values{AgeTail: 16, HungTail: 16.9}, nil, true},
		{"older, whatever the peer's", 1000, HungTail, values{AgeTail: 16, HungTail: 18}, values{HungTail: 99}, false},
		{"age without hung nodes not measured", 1000, HungTail, values{HungTail: 1}, nil, false},
		{"all pods left", 10, PodsLeft, values{PodsLeft: 300}, nil, true},
		{"one lost", 10, PodsLeft, values{PodsLeft: 299}, values{PodsLeft: 0}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			goal, ok := Goals(tt.nodes, 300)[tt.figure]
			if !ok {
				t.Fatalf("%s has no goal", tt.figure.Name)
			}
			if got := goal.Met(result(tt.own), result(tt.peer)); got != tt.want {
				t.Errorf("met: %t", got)
			}
		})
	}
}
