package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// everything expects every container.
type everything struct{}

func (everything) Expects(_, _, _ string) bool { return true }

// TestSampleIsThatOfTheKubelet reads the same response of a kubelet as text, and through an engine that has scraped it: the samples are equal.
func TestSampleIsThatOfTheKubelet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var text, series strings.Builder
		now := int64(1_700_000_000_000) + r.Int64N(1e9)
		add := func(name, labels string, value float64, at int64) {
			kubelet := strings.Trim(strings.ReplaceAll(labels, `":`, `"=`), ",")
			kubelet = strings.NewReplacer(`"container"=`, "container=", `"namespace"=`, "namespace=", `"pod"=`, "pod=").Replace(kubelet)
			number := strconv.FormatFloat(value, 'g', -1, 64)
			fmt.Fprintf(&text, "%s{%s} %s %d\n", name, kubelet, number, at)
			if series.Len() > 0 {
				series.WriteByte(',')
			}
			fmt.Fprintf(&series, `{"metric":{"__name__":%q,"node":"n1","job":"kubelet"%s},"values":[[%d,"0"],[%.3f,%q]]}`,
				name, strings.TrimSuffix(","+labels, ","), (now-60_000)/1000, float64(at)/1000, number)
		}
		add("node_cpu_usage_seconds_total", "", r.Float64()*1e7, now)
		add("node_memory_working_set_bytes", "", float64(r.Int64N(1<<40)), now)
		for i := range r.IntN(20) {
			labels := fmt.Sprintf(`"container":"c%d","namespace":"ns","pod":"p%d"`, i%3, i/3)
			at := now - r.Int64N(20_000) - int64(i)
			add("container_cpu_usage_seconds_total", labels, r.Float64()*1e6, at)
			add("container_memory_working_set_bytes", labels, float64(r.Int64N(1<<36)), at)
			add("container_start_time_seconds", labels, float64(at)/1000-r.Float64()*1e6, at)
		}
		text.WriteString("resource_scrape_error 0\n")
		var want sample.Node
		if err := (&decode.ResourceDecoder{Filter: everything{}}).Decode(t.Context(), []byte(text.String()), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(normalized(want), normalized(*sampleOf(t, series.String())), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-text +engine):\n%s\n%s", diff, text.String())
		}
	}
}

// sampleOf reads the newest sample of the node n1 from a response with these series.
func sampleOf(t *testing.T, series string) *sample.Node {
	t.Helper()
	a := newAssembler(&Selection{Labels: usualLabels}, []string{"n1"})
	if _, err := readResponse(strings.NewReader(`{"status":"success","data":{"resultType":"matrix","result":[`+series+`]}}`), a.add); err != nil {
		t.Fatal(err)
	}
	chosen, err := a.nodes["n1"].choose("", 90_000)
	if err != nil {
		t.Fatal(err)
	}
	response, err := newNodeResponse(chosen, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, newest := response.samples(false)
	return newest
}

// normalized has the pods in order, and leaves out how the text was read.
func normalized(n sample.Node) sample.Node {
	n.FullParse = false
	n.Extra = nil
	slices.SortFunc(n.Pods, func(a, b sample.Pod) int { return strings.Compare(a.Name, b.Name) })
	for i := range n.Pods {
		slices.SortFunc(n.Pods[i].Containers, func(a, b sample.Container) int { return strings.Compare(a.Name, b.Name) })
		for j := range n.Pods[i].Containers {
			n.Pods[i].Containers[j].Extra = nil
		}
	}
	return n
}
