package decode

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// only expects the containers that it names, and counts its calls.
type only struct {
	containers []string
	calls      int
}

func (o *only) Expects(_, _, container string) bool {
	o.calls++
	return slices.Contains(o.containers, container)
}

func (o *only) expect(containers ...string) { o.containers = containers }

// names of all containers.
func namesOf(n *sample.Node) (all []string) {
	for _, p := range n.Pods {
		for _, c := range p.Containers {
			all = append(all, fmt.Sprintf("%s/%s %d", p.Name, c.Name, c.CPU.Value/1e9))
		}
	}
	return all
}

// TestFilteredContainers has a decoder of one node leave out what is not expected, and notice when that changes.
func TestFilteredContainers(t *testing.T) {
	body := func(value int) []byte {
		return []byte(text(fmt.Sprint(cpuOfC, value), fmt.Sprint(cpuOfD, value), memoryOfC+"1", memoryOfD+"1", "resource_scrape_error 0"))
	}
	filter := &only{}
	d := ResourceDecoder{Filter: filter, Extra: sample.AllResources}
	var n sample.Node
	for i, step := range []struct {
		expect, want []string
		again        bool
		unexpected   int
	}{
		{nil, nil, false, 2},
		{nil, nil, true, 2},
		{[]string{"c"}, []string{"p/c 2"}, false, 1},
		{[]string{"c"}, []string{"p/c 3"}, true, 1},
		{[]string{"c", "d"}, []string{"p/c 4", "q/d 4"}, false, 0},
		{[]string{"c", "d"}, []string{"p/c 5", "q/d 5"}, true, 0},
		// What is no longer expected stays until the containers change: the store knows.
		{[]string{"d"}, []string{"p/c 6", "q/d 6"}, true, 0},
		{nil, []string{"p/c 7", "q/d 7"}, true, 0},
	} {
		filter.expect(step.expect...)
		if _, again := d.layout.read(body(i), &n, filter, sample.AllResources); again != step.again {
			t.Errorf("step %d: read by what is known: %t, want %t", i, again, step.again)
		}
		if err := d.Decode(t.Context(), body(i), &n); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, namesOf(&n)); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
		if n.Rejected != (sample.Rejections{}) || n.Unexpected != step.unexpected {
			t.Errorf("step %d: rejected %v, unexpected %d, want %d", i, n.Rejected, n.Unexpected, step.unexpected)
		}
	}
}

// TestValuesOfUnexpectedContainersAreNotRejected has the parser read a value that is none.
func TestValuesOfUnexpectedContainersAreNotRejected(t *testing.T) {
	d := ResourceDecoder{Filter: &only{containers: []string{"d"}}}
	var n sample.Node
	if err := d.Decode(t.Context(), []byte(text(cpuOfC+"NaN", cpuOfD+"7", "node_memory_working_set_bytes  5")), &n); err != nil || n.Rejected.Total() != 0 {
		t.Errorf("rejected %v: %v", n.Rejected, err)
	}
	if diff := cmp.Diff([]string{"q/d 7"}, namesOf(&n)); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
}

// TestUnexpectedContainersCostNothing has a kubelet report some in each response, as debug containers are, and wants the fast path.
func TestUnexpectedContainersCostNothing(t *testing.T) {
	full := fullNode()
	body := asKubeletText(full)
	d := ResourceDecoder{Extra: sample.AllResources, Filter: &only{containers: []string{"app"}}}
	var n sample.Node
	decode := func() {
		if err := d.Decode(t.Context(), body, &n); err != nil {
			t.Error(err)
		}
	}
	decode()
	decode()
	if got := testing.AllocsPerRun(10, decode); got > 0 {
		t.Errorf("%v allocations", got)
	}
	if got := containersOf(n); got != len(full.Pods) {
		t.Errorf("%d containers are left, want one of each of %d pods", got, len(full.Pods))
	}
}

// TestUnexpectedContainersAreBounded counts those that are too many even to be kept by name, and calls the filter for each pod no more often
// than it may have containers.
func TestUnexpectedContainersAreBounded(t *testing.T) {
	var out strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&out, "%s{container=\"c%d\",namespace=\"n\",pod=\"p%d\"} 1\n", series, i, i%3)
	}
	body := out.String() + cpuOfD + "7\n" + healthy
	filter := &only{containers: []string{"d"}}
	d := ResourceDecoder{Filter: filter, Extra: sample.AllResources}
	var n sample.Node
	if err := d.Decode(t.Context(), []byte(body), &n); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"q/d 7"}, namesOf(&n)); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if got, want := int(n.Rejected[sample.TooMany]), 20_000-maxUnexpected; got != want {
		t.Errorf("%d are counted as too many, want %d", got, want)
	}
	// Twice, because the layout is inferred before the parser runs.
	if most := 2 * (3*maxPerPod + 1); filter.calls > most {
		t.Errorf("the filter was called %d times, want at most %d", filter.calls, most)
	}
}

func TestFilteredSummary(t *testing.T) {
	body := []byte(`{"node":{"nodeName":"x","fs":{"usedBytes":9}},"pods":[` + strings.ReplaceAll(
		`{"podRef":{"name":"p","namespace":"n"},"containers":[{"name":"c",$},{"name":"d",$}]},{"podRef":{"name":"q","namespace":"n"},"containers":[{"name":"d",$}]}`,
		"$", `"cpu":{"usageCoreNanoSeconds":3000000000},"rootfs":{"usedBytes":1},"logs":{"usedBytes":1}`) + `]}`)
	filter := &only{containers: []string{"c"}}
	n, err := SummaryDecoder{Filter: filter}.decode(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p/c 3"}, namesOf(&n)); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if n.Unexpected != 2 {
		t.Errorf("%d containers are unexpected, want 2", n.Unexpected)
	}
	d := diskDecoder
	d.Filter = filter
	n, err = d.decode(t.Context(), body)
	if diff := cmp.Diff("node 9\npod n/p uid=\n  container c 2 start=receipt\n", renderDisk(n, err)); diff != "" {
		t.Errorf("disks (-want +got):\n%s", diff)
	}
}
