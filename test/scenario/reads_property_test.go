package scenario

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/metrics/pkg/apis/metrics"
)

// TestAResourceVersionMovesWithTheNumbersAndOnlyThen reads after every look at a node. Two reads are the same to the byte; where the
// resource version of an object stays, so does all of it, and where something changed, the version has grown.
func TestAResourceVersionMovesWithTheNumbersAndOnlyThen(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, endpoints[0])
			defer w.close()
			w.must("node n1", "node n2", "pod shop/a on n1 app:a", "pod shop/b on n1 app:a app:b", "pod shop/c on n2 app:a")
			r := rand.New(rand.NewPCG(seed, 0))
			last := map[string]read{}
			changes := 0
			for range 60 {
				w.must(fmt.Sprintf("clock +%ds", 2+r.IntN(14)))
				w.lookAt(r)
				for _, name := range []string{"a", "b", "c"} {
					changes += w.readTwice(name, last)
				}
			}
			if changes < 20 {
				t.Errorf("seed %d: the answers changed %d times only", seed, changes)
			}
		})
	}
}

// must runs commands that print nothing.
func (w *world) must(lines ...string) {
	w.t.Helper()
	for _, line := range lines {
		var out strings.Builder
		if err := w.do(command{line: line}, &out); err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
	}
}

// lookAt has one of the nodes looked at, whose kubelet may fail, or repeat what it said before.
func (w *world) lookAt(r *rand.Rand) {
	w.t.Helper()
	node := "n" + strconv.Itoa(1+r.IntN(2))
	if r.IntN(6) == 0 {
		w.must("scrape " + node + " fails")
		return
	}
	// Readings move every ten seconds.
	look := command{line: "scrape " + node}
	passed := int(time.Since(beginning).Seconds()) / 10 * 10
	for _, name := range map[string][]string{"n1": {"a/a", "b/a", "b/b"}, "n2": {"c/a"}}[node] {
		if r.IntN(8) > 0 {
			look.body = append(look.body, fmt.Sprintf("shop/%s cpu=%d mem=64Mi t=@%d", name, 100+passed/10, beginning.UnixMilli()+int64(passed)*1000))
		}
	}
	var out strings.Builder
	if err := w.do(look, &out); err != nil {
		w.t.Fatal(err)
	}
}

// read is one answer: its resource version, and all the rest of it.
type read struct {
	version uint64
	text    string
}

// readTwice compares two reads with each other and with the last one, and returns 1 where the answer is another.
func (w *world) readTwice(name string, last map[string]read) int {
	w.t.Helper()
	now, ok := w.read(name)
	if again, _ := w.read(name); again != now {
		w.t.Fatalf("two reads at one moment:\n%v\n%v", now, again)
	}
	before := last[name]
	if !ok || now == before {
		return 0
	}
	if now.version <= before.version || now.text == before.text {
		w.t.Fatalf("the answer and its version did not change together:\n%v\n%v", before, now)
	}
	last[name] = now
	return 1
}

// read is false where the pod is not served.
func (w *world) read(name string) (read, bool) {
	w.t.Helper()
	ctx := genericapirequest.WithNamespace(w.t.Context(), "shop")
	object, err := w.server.pods.Get(ctx, name, nil)
	if err != nil {
		return read{text: err.Error()}, false
	}
	pod := api(object).(*metrics.PodMetrics)
	version, err := strconv.ParseUint(pod.ResourceVersion, 10, 64)
	if err != nil || version == 0 {
		w.t.Fatalf("the resource version is %q", pod.ResourceVersion)
	}
	pod.ResourceVersion = ""
	text, err := json.Marshal(pod)
	if err != nil {
		w.t.Fatal(err)
	}
	return read{version, string(text)}, true
}
