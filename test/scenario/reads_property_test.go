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

// TestResourceVersionMovesWithTheUsageAndOnlyThen reads after every scrape of a node. Two reads are the same to the byte. An object
// changes if and only if its resource version grows.
func TestResourceVersionMovesWithTheUsageAndOnlyThen(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			s := newSimulation(t, endpoints[0])
			defer s.close()
			s.must("node n1", "node n2", "pod shop/a on n1 app:a", "pod shop/b on n1 app:a app:b", "pod shop/c on n2 app:a")
			r := rand.New(rand.NewPCG(seed, 0))
			last := map[string]read{}
			changes := 0
			for range 60 {
				s.must(fmt.Sprintf("clock +%ds", 2+r.IntN(14)))
				s.scrapeOne(r)
				for _, name := range []string{"a", "b", "c"} {
					changes += s.readTwice(name, last)
				}
			}
			if changes < 20 {
				t.Errorf("seed %d: the responses changed %d times only", seed, changes)
			}
		})
	}
}

// must runs commands that print nothing.
func (s *simulation) must(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		var out strings.Builder
		if err := s.do(command{line: line}, &out); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
	}
}

// scrapeOne has one of the nodes scraped, whose kubelet may fail, or repeat its previous response.
func (s *simulation) scrapeOne(r *rand.Rand) {
	s.t.Helper()
	node := "n" + strconv.Itoa(1+r.IntN(2))
	if r.IntN(6) == 0 {
		s.must("scrape " + node + " fails")
		return
	}
	// Readings advance every ten seconds.
	scrape := command{line: "scrape " + node}
	passed := int(time.Since(beginning).Seconds()) / 10 * 10
	for _, name := range map[string][]string{"n1": {"a/a", "b/a", "b/b"}, "n2": {"c/a"}}[node] {
		if r.IntN(8) > 0 {
			scrape.body = append(scrape.body, fmt.Sprintf("shop/%s cpu=%d mem=64Mi t=@%d", name, 100+passed/10, beginning.UnixMilli()+int64(passed)*1000))
		}
	}
	var out strings.Builder
	if err := s.do(scrape, &out); err != nil {
		s.t.Fatal(err)
	}
}

// read is one response: its resource version, and everything else in it.
type read struct {
	version uint64
	text    string
}

// readTwice compares two reads with each other and with the last one, and returns 1 where the response is another.
func (s *simulation) readTwice(name string, last map[string]read) int {
	s.t.Helper()
	now, ok := s.read(name)
	if again, _ := s.read(name); again != now {
		s.t.Fatalf("two reads at one moment:\n%v\n%v", now, again)
	}
	before := last[name]
	if !ok || now == before {
		return 0
	}
	if now.version <= before.version || now.text == before.text {
		s.t.Fatalf("the response and its version did not change together:\n%v\n%v", before, now)
	}
	last[name] = now
	return 1
}

// read is false where the pod is not served.
func (s *simulation) read(name string) (read, bool) {
	s.t.Helper()
	ctx := genericapirequest.WithNamespace(s.t.Context(), "shop")
	object, err := s.server.pods.Get(ctx, name, nil)
	if err != nil {
		return read{text: err.Error()}, false
	}
	pod := api(object).(*metrics.PodMetrics)
	version, err := strconv.ParseUint(pod.ResourceVersion, 10, 64)
	if err != nil || version == 0 {
		s.t.Fatalf("the resource version is %q", pod.ResourceVersion)
	}
	pod.ResourceVersion = ""
	text, err := json.Marshal(pod)
	if err != nil {
		s.t.Fatal(err)
	}
	return read{version, string(text)}, true
}
