package decode

import (
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

const (
	cpuOfD    = `container_cpu_usage_seconds_total{container="d",namespace="n",pod="q"} `
	memoryOfD = `container_memory_working_set_bytes{container="d",namespace="n",pod="q"} `
)

// fastPathPairs are bodies that follow one another, and whether the second can be read by what is known of the first.
var fastPathPairs = []struct {
	name, before, after string
	again               bool
}{
	{"other values", text(cpuOfC+"1 2000", memoryOfC+"5"), text(cpuOfC+"2.5e+06 3000", memoryOfC+"6 4000"), true},
	{"comments and metrics that are not wanted", text(cpuOfC + "1"), text("# HELP x", "", "pod_cpu_usage_seconds_total{} NaN", "x", cpuOfC+"1"), true},
	{"a reading that is rejected", text(cpuOfC + "1 2000"), text(cpuOfC + "-1 3000"), true},
	{"a time that is rejected", text(cpuOfC + "1 2000"), text(cpuOfC + "1 0"), true},
	{"a container without one of its metrics", text(cpuOfC+"1", cpuOfD+"1", memoryOfC+"1", memoryOfD+"1"), text(cpuOfC+"1", cpuOfD+"1", memoryOfD+"1"), true},
	{"a container that is new in the second metric", text(cpuOfC+"1", cpuOfD+"1"), text(cpuOfC+"1", memoryOfC+"1", memoryOfD+"1"), true},
	{"health", text(cpuOfC + "1"), text(cpuOfC+"1", "resource_scrape_error 0", "scrape_error 0"), true},
	{"no containers", text("node_cpu_usage_seconds_total 1"), text("node_cpu_usage_seconds_total 2 3000"), true},
	{"a container is gone", text(cpuOfC+"1", cpuOfD+"1"), text(cpuOfC + "1"), false},
	{"a container is new", text(cpuOfC + "1"), text(cpuOfC+"1", cpuOfD+"1"), false},
	{"another order", text(cpuOfC+"1", cpuOfD+"1"), text(cpuOfD+"1", cpuOfC+"1"), false},
	{"another order in the second metric", text(cpuOfC+"1", cpuOfD+"1"), text(cpuOfC+"1", cpuOfD+"1", memoryOfD+"1", memoryOfC+"1"), false},
	{"the second named first", text(cpuOfC+"1", cpuOfD+"1"), text(cpuOfD+"1", memoryOfC+"1", memoryOfD+"1"), false},
	{"two instances", text(cpuOfC + "1 2000"), text(cpuOfC+"1 2000", cpuOfC+"2 3000"), false},
	{"two instances, not adjacent", text(cpuOfC+"1 2000", memoryOfC+"1"), text(cpuOfC+"1 2000", memoryOfC+"1", cpuOfC+"2 3000"), false},
	{"two reports of the node", text("node_cpu_usage_seconds_total 1"), text("node_cpu_usage_seconds_total 2", "node_cpu_usage_seconds_total 3"), false},
	{"the kubelet failed", text(cpuOfC + "1"), text(cpuOfC+"1", "resource_scrape_error 1"), false},
	{"an old kubelet failed", text(cpuOfC + "1"), text(cpuOfC+"1", "scrape_error 1"), false},
	{"only comments", text(cpuOfC + "1"), text("# HELP x"), false},
	{"truncated", text(cpuOfC + "1"), text(cpuOfC + "1")[:len(cpuOfC)+1], false},
	{"a negative time", text(cpuOfC + "1"), text(cpuOfC + "1 -62135596800000"), false},
	{"not a number", text(cpuOfC + "1"), text(cpuOfC + "NaN"), false},
	{"no value", text(cpuOfC + "1"), text(cpuOfC), false},
	{"other spaces", text(cpuOfC + "1"), text(cpuOfC + "1  2000"), false},
	{"a space before", text(cpuOfC + "1"), text(" " + cpuOfC + "1"), false},
	{"another way to write labels", text(cpuOfC + "1"), text(strings.Replace(cpuOfC, "{", "{ ", 1) + "1"), false},
	{"labels of the node", text("node_cpu_usage_seconds_total 1"), text(`node_cpu_usage_seconds_total{a="b"} 1`), false},
	{"a name with an escape", text(strings.ReplaceAll(cpuOfC, `"c"`, `"c\"d"`) + "1"), text(strings.ReplaceAll(cpuOfC, `"c"`, `"c\"d"`) + "2"), false},
	{"a name that ends its own quote", text(strings.ReplaceAll(cpuOfC, `"c"`, `"c\",x=\"d"`) + "1"), text(strings.ReplaceAll(cpuOfC, `"c"`, `"c",x="d"`) + "2"), false},
	{"a comment within a metric", text(cpuOfC+"1", cpuOfD+"1"), text(cpuOfC+"1", "# x", "", cpuOfD+"1"), true},
	{"a space before the node's line, at first", text(cpuOfC + "1"), text(" node_memory_working_set_bytes 5", cpuOfC+"1"), false},
	{"a space after", text(cpuOfC + "1"), text(cpuOfC + "1 "), false},
	{"a time with a letter", text(cpuOfC + "1"), text(cpuOfC+"1 20a0", "scrape_error 0"), false},
	{"a time with a fraction", text(cpuOfC + "1"), text(cpuOfC+"1 20.0", "scrape_error 0"), false},
	{"the greatest digit", text(cpuOfC + "1"), text(cpuOfC + "9 9"), true},
	{"a tab before the node's line", text(cpuOfC + "1"), text("\tnode_memory_working_set_bytes 5", cpuOfC+"1"), false},
	{"a metric whose name begins another one's", text(cpuOfC+"1", memoryOfC+"1"), text(cpuOfC+"1", "container_memory 1", memoryOfC+"1"), true},
	{"a name alone", text(cpuOfC + "1"), text("node_cpu_usage_seconds_total", cpuOfC+"1"), false},
	{"a name alone, for the second time", text("node_cpu_usage_seconds_total 1"), text("node_cpu_usage_seconds_total 1", "node_cpu_usage_seconds_total"), false},
	{"as many series as a kubelet may have", text(cpuOfC + "1"), text(cpuOfC+"1") + strings.Repeat("scrape_error 0\n", maxSeries-1), true},
	{"more series than a kubelet has", text(cpuOfC + "1"), text(cpuOfC+"1") + strings.Repeat("scrape_error 0\n", maxSeries), false},
}

func TestFastPath(t *testing.T) {
	for _, tt := range fastPathPairs {
		t.Run(tt.name, func(t *testing.T) {
			checkDecoder(t, []byte(tt.before), []byte(tt.after))
			d := ResourceDecoder{Extra: sample.AllResources}
			var n sample.Node
			if err := d.Decode(t.Context(), []byte(tt.before), &n); err != nil {
				t.Fatal(err)
			}
			if _, again := d.layout.read([]byte(tt.after), &n, everything{}, sample.AllResources); again != tt.again {
				t.Errorf("read by what is known: %t, want %t", again, tt.again)
			}
		})
	}
}

// TestLabelsAtTheEndOfTheBody breaks off the last line, where nothing follows in memory.
func TestLabelsAtTheEndOfTheBody(t *testing.T) {
	d := ResourceDecoder{Extra: sample.AllResources}
	var n sample.Node
	if err := d.Decode(t.Context(), []byte(text(cpuOfC+"1")), &n); err != nil {
		t.Fatal(err)
	}
	for i := range cpuOfC {
		if _, again := d.layout.read(slices.Clip([]byte(cpuOfC[:i]+"\n")), &n, everything{}, sample.AllResources); again {
			t.Errorf("%q was read", cpuOfC[:i])
		}
	}
}

// ofKubelets are responses of each kind of healthy kubelet.
var ofKubelets = []string{"resource-linux-t0.prom", "resource-linux-t1.prom", "resource-swap.prom", "resource-windows.prom", "resource-simulator-no-timestamps.prom"}

// TestKubeletResponsesTakeTheFastPath wants every response of a real kubelet to be readable by the known layout.
func TestKubeletResponsesTakeTheFastPath(t *testing.T) {
	for _, path := range ofKubelets {
		body := read(t, "testdata/"+path)
		d := ResourceDecoder{Extra: sample.AllResources}
		var n sample.Node
		if err := d.Decode(t.Context(), body, &n); err != nil {
			t.Fatal(err)
		}
		if _, again := d.layout.read(body, &n, everything{}, sample.AllResources); !again {
			t.Errorf("%s never takes the fast path", path)
		}
	}
}

func TestFastPathAllocatesNothing(t *testing.T) {
	body := asKubeletText(fullNode())
	d := ResourceDecoder{Extra: sample.AllResources}
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
}

// TestNamesAreKept has a node change, and wants the names of what stays to be those from before: not copies of them.
func TestNamesAreKept(t *testing.T) {
	d := ResourceDecoder{Extra: sample.AllResources}
	var before, after sample.Node
	if err := d.Decode(t.Context(), []byte(text(cpuOfC+"1")), &before); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(t.Context(), []byte(text(cpuOfC+"1", cpuOfD+"1")), &after); err != nil {
		t.Fatal(err)
	}
	body := []byte(text(cpuOfC+"1", cpuOfD+"1", cpuOfD+"2"))
	if err := d.Decode(t.Context(), body, &after); err != nil {
		t.Fatal(err)
	}
	clear(body)
	was, is := before.Pods[0], after.Pods[0]
	for _, pair := range [][2]string{{was.Namespace, is.Namespace}, {was.Name, is.Name}, {was.Containers[0].Name, is.Containers[0].Name}} {
		if pair[0] != pair[1] || !same(pair[0], pair[1]) {
			t.Errorf("%q is kept twice", pair[1])
		}
	}
}

func same(a, b string) bool { return unsafe.StringData(a) == unsafe.StringData(b) }
