package scrapecost

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

const (
	// namesPerResponse is how many pods, and how many containers of a known pod, each response names that none has named before.
	namesPerResponse = 100
	// keptGrowth is by how much the live heap may grow from the 200th response to the 1000th, in bytes. Kept pods would take many times that.
	keptGrowth = 1 << 20
)

// soleObjects are a node with one pod of one container.
type soleObjects struct {
	node *usage.NodeCell
	pod  *usage.PodCell
}

func (o soleObjects) Pod(_, name string) (store.Expected, bool) {
	return store.Expected{Node: "n", UID: "u", Containers: []string{"app"}, Usage: o.pod}, name == "web"
}

func (o soleObjects) Node(name string) (string, *usage.NodeCell, bool) {
	return "", o.node, name == "n"
}

func (o soleObjects) Expects(_, pod, container string) bool {
	return pod != "web" || container == "app"
}

// TestNamesThatChangeAreNotKept has a kubelet name other pods and containers in each of a thousand responses, and compares the live heap after the first
// hundreds with that at the end.
func TestNamesThatChangeAreNotKept(t *testing.T) {
	objects := soleObjects{&usage.NodeCell{}, &usage.PodCell{}}
	kept := store.New(objects, usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second}, clock.RealClock{})
	decoder := &decode.ResourceDecoder{Filter: objects}
	var n sample.Node
	var before uint64
	for i := range 1000 {
		if err := decoder.Decode(t.Context(), []byte(namesOf(i)), &n); err != nil {
			t.Fatal(err)
		}
		kept.Put(store.Identity{Name: "n"}, &n)
		if i == 200 {
			before = liveHeap()
		}
	}
	after := liveHeap()
	t.Logf("the live heap was %d KiB after 200 responses, and %d KiB after 1000", before>>10, after>>10)
	if after > before+keptGrowth {
		t.Errorf("it has grown by %d KiB, want at most %d", (after-before)>>10, keptGrowth>>10)
	}
	if _, ok := kept.Reader().Pod(objects.pod, "n"); !ok {
		t.Error("the pod that exists is not served")
	}
	runtime.KeepAlive(decoder)
}

// namesOf is a response whose names no response of another number has.
func namesOf(number int) string {
	var text strings.Builder
	at := time.Now().UnixMilli() - int64(1000-number)
	line := func(pod, container string) {
		labels := fmt.Sprintf(`{container="%s",namespace="ns",pod="%s"}`, container, pod)
		fmt.Fprintf(&text, "container_cpu_usage_seconds_total%s %d.5 %d\ncontainer_memory_working_set_bytes%s 1048576 %d\n", labels, number, at, labels, at)
	}
	line("web", "app")
	for i := range namesPerResponse {
		line("web", fmt.Sprintf("container-%d-%d", number, i))
		line(fmt.Sprintf("pod-%d-%d", number, i), "app")
	}
	text.WriteString("scrape_error 0\n")
	return text.String()
}

// liveHeap is how much of the heap is in use after a collection, in bytes.
func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
