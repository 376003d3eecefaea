package fleet

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func groupPod(index, containers int, group string) Pod {
	pod := Pod{Namespace: "shop", Name: fmt.Sprintf("web-%d", index), UID: fmt.Sprint(index), LoadGroup: group}
	for c := range containers {
		pod.Containers = append(pod.Containers, Container{Name: fmt.Sprintf("c%d", c), CPU: 0.01, Memory: 1})
	}
	return pod
}

func TestLoadGroup(t *testing.T) {
	f, clock := newFleet(t, Options{Nodes: 2})
	use := func() map[string]float64 {
		rates := map[string]float64{}
		for _, pod := range f.Pods() {
			for _, c := range pod.Containers {
				rates[pod.Name+"/"+c.Name] = c.CPU
			}
		}
		return rates
	}
	steps := []struct {
		name string
		do   func() error
		want map[string]float64
	}{
		{"a group without a load", func() error { return f.AddPod("node-0001", groupPod(1, 1, "web")) },
			map[string]float64{"web-1/c0": 0.01}},
		{"a load on one pod", func() error { return f.SetLoad("shop/web", 0.6) },
			map[string]float64{"web-1/c0": 0.6}},
		{"a second pod on another node", func() error { return f.AddPod("node-0002", groupPod(2, 2, "web")) },
			map[string]float64{"web-1/c0": 0.3, "web-2/c0": 0.15, "web-2/c1": 0.15}},
		{"a pod of no group", func() error { return f.AddPod("node-0002", groupPod(3, 1, "")) },
			map[string]float64{"web-1/c0": 0.3, "web-2/c0": 0.15, "web-2/c1": 0.15, "web-3/c0": 0.01}},
		{"a pod comes up to date", func() error { return f.AddPod("node-0001", groupPod(1, 1, "web")) },
			map[string]float64{"web-1/c0": 0.3, "web-2/c0": 0.15, "web-2/c1": 0.15, "web-3/c0": 0.01}},
		{"a container restarts", func() error { return f.Restart("shop", "web-2", "c0") },
			map[string]float64{"web-1/c0": 0.3, "web-2/c0": 0.15, "web-2/c1": 0.15, "web-3/c0": 0.01}},
		{"less load", func() error { return f.SetLoad("shop/web", 0.2) },
			map[string]float64{"web-1/c0": 0.1, "web-2/c0": 0.05, "web-2/c1": 0.05, "web-3/c0": 0.01}},
		{"a pod leaves the group", func() error { return f.AddPod("node-0002", groupPod(2, 2, "other")) },
			map[string]float64{"web-1/c0": 0.2, "web-2/c0": 0.01, "web-2/c1": 0.01, "web-3/c0": 0.01}},
		{"a pod joins it", func() error { return f.AddPod("node-0002", groupPod(3, 1, "web")) },
			map[string]float64{"web-1/c0": 0.1, "web-2/c0": 0.01, "web-2/c1": 0.01, "web-3/c0": 0.1}},
		{"a pod ends", func() error { f.RemovePod("node-0001", "shop", "web-1", ""); return nil },
			map[string]float64{"web-2/c0": 0.01, "web-2/c1": 0.01, "web-3/c0": 0.2}},
		{"a pod is replaced", func() error { pod := groupPod(3, 1, "web"); pod.UID = "new"; return f.AddPod("node-0001", pod) },
			map[string]float64{"web-2/c0": 0.01, "web-2/c1": 0.01, "web-3/c0": 0.2}},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			clock.Step(time.Second)
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(step.want, use()); diff != "" {
				t.Errorf("cores (-want +got):\n%s", diff)
			}
			for _, n := range f.nodes {
				var sum level
				for _, p := range n.pods {
					sum = sum.plus(p.usage.now())
				}
				if got := n.used.now(); got != sum {
					t.Errorf("%s uses %+v, its pods %+v", n.name, got, sum)
				}
			}
		})
	}
}

func TestSetLoadRejects(t *testing.T) {
	f, _ := newFleet(t, Options{})
	for _, test := range []struct {
		group string
		cores float64
	}{{"web", 1}, {"/web", 1}, {"shop/", 1}, {"shop/web", -1}} {
		if err := f.SetLoad(test.group, test.cores); err == nil {
			t.Errorf("SetLoad(%q, %g) was accepted", test.group, test.cores)
		}
	}
}
