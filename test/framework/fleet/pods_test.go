package fleet

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const webCPU = `container_cpu_usage_seconds_total{container="web",namespace="shop",pod="web-1"}`

func webPod(uid string, cpu float64, memory uint64) Pod {
	return Pod{Namespace: "shop", Name: "web-1", UID: uid, Containers: []Container{{Name: "web", CPU: cpu, Memory: memory}}}
}

func TestPodLife(t *testing.T) {
	minute := int64(time.Minute)
	type state struct {
		CPU, Pod, Node float64
		Started        int64
	}
	tests := []struct {
		name string
		// steps happen one minute after the pod began with 0.5 cores; a minute later follows the request.
		steps func(t *testing.T, f *Fleet)
		want  state
	}{
		{"nothing", func(*testing.T, *Fleet) {}, state{60, 60, 60, 0}},
		{"the rate changes", func(t *testing.T, f *Fleet) {
			addPod(t, f, "node-0001", webPod("a", 2, 1))
		}, state{150, 150, 150, 0}},
		{"the container restarts", func(t *testing.T, f *Fleet) {
			if err := f.Restart("shop", "web-1", "web"); err != nil {
				t.Fatal(err)
			}
		}, state{30, 60, 60, minute}},
		{"the container restarted by its start time", func(t *testing.T, f *Fleet) {
			pod := webPod("a", 0.5, 1)
			pod.Containers[0].Start = epoch.Add(50 * time.Second)
			addPod(t, f, "node-0001", pod)
		}, state{35, 60, 60, 50 * nano}},
		{"a new pod of that name", func(t *testing.T, f *Fleet) {
			addPod(t, f, "node-0001", webPod("b", 0.5, 1))
		}, state{30, 30, 60, minute}},
		{"the pod ends", func(_ *testing.T, f *Fleet) {
			f.RemovePod("node-0001", "shop", "web-1", "a")
		}, state{0, 0, 30, -epoch.UnixNano()}},
		{"an older pod of that name ends", func(_ *testing.T, f *Fleet) {
			f.RemovePod("node-0001", "shop", "web-1", "older")
		}, state{60, 60, 60, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, clock := newFleet(t, Options{BaseCPU: 1})
			addPod(t, f, "node-0001", webPod("a", 0.5, 1))
			clock.Step(time.Minute)
			test.steps(t, f)
			clock.Step(time.Minute)
			text := parseText(t, renderText(f, false))
			got := state{
				CPU: text[webCPU], Pod: text[`pod_cpu_usage_seconds_total{namespace="shop",pod="web-1"}`],
				Node:    text["node_cpu_usage_seconds_total"] - 120,
				Started: int64(math.Round(text[strings.Replace(webCPU, "cpu_usage_seconds_total", "start_time_seconds", 1)]*nano)) - epoch.UnixNano(),
			}
			if got.Started > 0 {
				got.Started = got.Started / 1000 * 1000 // The text has microseconds.
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPodMoves(t *testing.T) {
	f, _ := newFleet(t, Options{Nodes: 2})
	addPod(t, f, "node-0001", webPod("a", 0.5, 1))
	addPod(t, f, "node-0002", webPod("b", 0.25, 2))
	if !strings.Contains(renderText(f, false), webCPU) {
		t.Error("the node that the pod left forgot it before it ended there")
	}
	if cpu, memory, ok := f.Truth("shop", "web-1", "web"); !ok || cpu != 0.25 || memory != 2 {
		t.Errorf("truth is %g cores and %d bytes (%v), want that of the newer pod", cpu, memory, ok)
	}
	if !f.RemovePod("node-0001", "shop", "web-1", "a") || f.RemovePod("node-0001", "shop", "web-1", "a") {
		t.Error("the pod did not end once on the node that it left")
	}
	if _, _, ok := f.Truth("shop", "web-1", "web"); !ok {
		t.Error("the newer pod went with the older one")
	}
}

func TestTruth(t *testing.T) {
	f, clock := newFleet(t, Options{BaseCPU: 0.5, BaseMemory: 1000})
	addPod(t, f, "node-0001", webPod("a", 0.25, 64))
	clock.Step(time.Second)
	addPod(t, f, "node-0001", webPod("a", 0.75, 128))
	if cpu, memory, ok := f.Truth("shop", "web-1", "web"); !ok || cpu != 0.75 || memory != 128 {
		t.Errorf("truth of the container is %g cores and %d bytes (%v)", cpu, memory, ok)
	}
	if cpu, memory, ok := f.NodeTruth("node-0001"); !ok || cpu != 1.25 || memory != 1128 {
		t.Errorf("truth of the node is %g cores and %d bytes (%v)", cpu, memory, ok)
	}
	want := []PodTruth{{Node: "node-0001", Namespace: "shop", Name: "web-1", UID: "a", Containers: []Container{
		{Name: "web", Start: time.Unix(0, epoch.UnixNano()), CPU: 0.75, Memory: 128},
	}}}
	if diff := cmp.Diff(want, f.Pods()); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
	for _, missing := range [][3]string{{"shop", "web-1", "proxy"}, {"shop", "web-2", "web"}, {"default", "web-1", "web"}} {
		if _, _, ok := f.Truth(missing[0], missing[1], missing[2]); ok {
			t.Errorf("there is a truth of %v", missing)
		}
	}
	if _, _, ok := f.NodeTruth("node-0002"); ok {
		t.Error("there is a truth of a node that does not exist")
	}
}

func TestAddPodReportsAllErrorsAtOnce(t *testing.T) {
	f, _ := newFleet(t, Options{})
	err := f.AddPod("node-0001", Pod{Namespace: "shop", Containers: []Container{
		{Name: "twice", CPU: math.NaN()}, {Name: "twice", CPU: -1}, {Name: "huge", CPU: math.Inf(1)},
	}})
	if err == nil {
		t.Fatal("a bad pod was accepted")
	}
	for _, part := range []string{"needs a namespace and a name", `"twice" is empty or there twice`, "NaN", "-1", "+Inf"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not contain %q: %v", part, err)
		}
	}
	if err := f.AddPod("node-0009", webPod("a", 1, 1)); err == nil {
		t.Error("a node that does not exist took a pod")
	}
}

func TestSetReadings(t *testing.T) {
	f, clock := newFleet(t, Options{})
	addPod(t, f, "node-0001", webPod("a", 1, 1))
	clock.Step(time.Minute)
	if err := f.SetReadings("node-0001", Housekeeping); err != nil {
		t.Fatal(err)
	}
	before := renderText(f, false)
	clock.Step(time.Millisecond)
	if diff := cmp.Diff(before, renderText(f, false)); diff != "" {
		t.Errorf("readings moved within a millisecond (-before +after):\n%s", diff)
	}
	if err := f.SetReadings("node-0009", OnDemand); err == nil {
		t.Error("a node that does not exist took readings")
	}
}
