package fleet

import (
	"testing"
	"time"

	testingclock "k8s.io/utils/clock/testing"
)

func TestAverageRate(t *testing.T) {
	begin := time.Date(2026, 8, 5, 10, 0, 0, 0, time.UTC)
	clock := testingclock.NewFakeClock(begin)
	f, err := New(Options{Nodes: 1, BaseCPU: 0.5, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	pod := func(cores float64) Pod {
		return Pod{Namespace: "shop", Name: "web", UID: "u", Containers: []Container{{Name: "app", CPU: cores}}}
	}
	for _, cores := range []float64{0.2, 1} {
		if err := f.AddPod("node-0001", pod(cores)); err != nil {
			t.Fatal(err)
		}
		clock.Step(10 * time.Second)
	}
	tests := []struct {
		name     string
		from, to time.Duration
		want     float64
		ok       bool
	}{
		{"before the change", 0, 10 * time.Second, 0.2, true},
		{"after the change", 12 * time.Second, 20 * time.Second, 1, true},
		{"across the change", 5 * time.Second, 15 * time.Second, 0.6, true},
		{"before the pod", -time.Second, 5 * time.Second, 0, false},
		{"no time", time.Second, time.Second, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := f.CPUBetween("shop", "web", "app", begin.Add(test.from), begin.Add(test.to))
			if diff := got - test.want; ok != test.ok || diff > 1e-9 || diff < -1e-9 {
				t.Errorf("%g cores (%t), want %g (%t)", got, ok, test.want, test.ok)
			}
			node, ok := f.NodeCPUBetween("node-0001", begin.Add(test.from), begin.Add(test.to))
			if diff := node - test.want - 0.5; test.ok && (!ok || diff > 1e-9 || diff < -1e-9) {
				t.Errorf("%g cores of the node (%t), want %g", node, ok, test.want+0.5)
			}
		})
	}
}
