package fleet

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const keptReadings = 5 * time.Minute

// request renders one endpoint of the first node as a healthy kubelet does.
func request(f *Fleet, path string) {
	x := exchange{path: path, fleet: f, node: f.nodes[0], r: httptest.NewRequest(http.MethodGet, path, nil)}
	p := f.pages.get()
	defer f.pages.put(p)
	x.render(p)
}

func TestHistoryHasTheReadingsOfResponses(t *testing.T) {
	f, clock := newFleet(t, Options{History: keptReadings, BaseMemory: 1000})
	start := epoch.Add(-time.Minute)
	addPod(t, f, "node-0001", Pod{Namespace: "n", Name: "p", UID: "u", Containers: []Container{{Name: "c", Start: start, CPU: 0.5, Memory: 10}}})
	request(f, PathResource)
	clock.Step(10*time.Second + 1234567*time.Nanosecond)
	if err := f.SetUsage("n", "p", "c", 0.25, 20); err != nil {
		t.Fatal(err)
	}
	clock.Step(10 * time.Second)
	request(f, PathSummary)
	f.RemovePod("node-0001", "n", "p", "")

	second := epoch.Add(20*time.Second + 1234567*time.Nanosecond).UnixNano()
	cpu := uint64(30e9 + 5e9 + 1234567/2 + 2.5e9)
	want := PodHistory{Node: "node-0001", Containers: map[string][]Reading{"c": {
		{Time: epoch.UnixNano(), Start: start.UnixNano(), CPU: 30e9, Rate: 5e8, Memory: 10},
		{Summary: true, Time: second, Start: start.UnixNano(), CPU: cpu, Rate: 2.5e8, Memory: 20},
	}}}
	got, _ := f.PodHistory(PodID{"n", "p", "u"})
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(PodHistory{}), cmp.FilterPath(isNewest, cmp.Ignore())); diff != "" {
		t.Errorf("readings of the pod (-want +got):\n%s", diff)
	}
	node := f.NodeHistory("node-0001")
	if len(node) != 2 || node[1].Memory != 1020 {
		t.Errorf("readings of the node: %+v", node)
	}
	if got, want := node[1].Reported(), epoch.Add(20*time.Second).UnixNano(); got != want {
		t.Errorf("a summary reports %d, want %d", got, want)
	}
}

func isNewest(p cmp.Path) bool { return p.Last().String() == ".newest" }

func TestHistoryIsBounded(t *testing.T) {
	f, clock := newFleet(t, Options{History: keptReadings})
	addPod(t, f, "node-0001", Pod{Namespace: "n", Name: "gone", UID: "1", Containers: []Container{{Name: "c"}}})
	request(f, PathResource)
	f.RemovePod("node-0001", "n", "gone", "")
	for range 1000 {
		clock.Step(time.Second)
		request(f, PathResource)
	}
	if n := len(f.NodeHistory("node-0001")); n != int(keptReadings/time.Second)+1 {
		t.Errorf("%d readings are kept, want one for each second of %s", n, keptReadings)
	}
	if _, ok := f.PodHistory(PodID{"n", "gone", "1"}); ok {
		t.Error("a pod that ended long ago is kept")
	}
}

func TestHistoryHasNoUnusableBodies(t *testing.T) {
	f, _ := newFleet(t, Options{History: keptReadings})
	start(t, f)
	for _, fault := range []Fault{Truncate(), EarlyEnd(), Status(500)} {
		if err := f.SetFault("node-0001", fault); err != nil {
			t.Fatal(err)
		}
		fetch(t, httpClient(t), url(f, 0, PathResource))
	}
	if n := len(f.NodeHistory("node-0001")); n != 0 {
		t.Errorf("%d readings are those of bodies that must not be used", n)
	}
}

func TestSetUsage(t *testing.T) {
	f, clock := newFleet(t, Options{BaseCPU: 1, BaseMemory: 1000})
	addPod(t, f, "node-0001", Pod{Namespace: "n", Name: "p", Containers: []Container{{Name: "a", CPU: 1, Memory: 1}, {Name: "b", CPU: 2, Memory: 2}}})
	clock.Step(time.Second)
	if err := f.SetUsage("n", "p", "a", 3, 30); err != nil {
		t.Fatal(err)
	}
	cpu, memory, _ := f.Truth("n", "p", "a")
	nodeCPU, nodeMemory, _ := f.NodeTruth("node-0001")
	if diff := cmp.Diff([]any{3.0, uint64(30), 6.0, uint64(1032)}, []any{cpu, memory, nodeCPU, nodeMemory}); diff != "" {
		t.Errorf("container and node (-want +got):\n%s", diff)
	}
	if err := f.SetUsage("n", "p", "none", 1, 1); err == nil {
		t.Error("a container that does not exist has a usage")
	}
	if err := f.SetUsage("n", "p", "a", -1, 1); err == nil {
		t.Error("a negative rate is accepted")
	}
}
