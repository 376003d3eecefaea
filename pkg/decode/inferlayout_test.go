package decode

import (
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

func TestInferLayout(t *testing.T) {
	nodeOnly := "node_cpu_usage_seconds_total 1"
	tests := []struct {
		name, body string
		reads      bool
	}{
		{"two containers", text("# HELP x", nodeOnly, cpuOfC+"1", cpuOfD+"1", memoryOfC+"1", memoryOfD+"1"), true},
		{"no containers", text(nodeOnly), true},
		{"one without the second metric", text(cpuOfC+"1", cpuOfD+"1", memoryOfD+"1"), true},
		{"one without the first metric", text(cpuOfC+"1", memoryOfC+"1", memoryOfD+"1"), false},
		{"two instances", text(cpuOfC+"1 2000", cpuOfC+"2 3000"), false},
		{"a value that is none", text(cpuOfC+"1", cpuOfD+"x"), false},
		{"a sandbox", text(strings.Replace(cpuOfC, `container="c"`, `container="POD"`, 1)+"1", cpuOfD+"1"), false},
		{"a cgroup", text(strings.Replace(cpuOfC, `container="c"`, `container=""`, 1)+"1", cpuOfD+"1"), false},
		{"a quote in a name", text(strings.Replace(cpuOfC, `container="c"`, `container="c\""`, 1) + "1"), false},
		{"the last character that can be printed, in a name", text(strings.Replace(cpuOfC, `container="c"`, `container="c~"`, 1) + "1"), true},
		{"a space in a name", text(strings.Replace(cpuOfC, `container="c"`, `container="c d"`, 1) + "1"), true},
		{"an escape in a name", text(strings.Replace(cpuOfC, `container="c"`, `container="c\n"`, 1) + "1"), false},
		{"bytes that are no text", text(strings.Replace(cpuOfC, `container="c"`, "container=\"c\xff\"", 1) + "1"), false},
		{"a byte that ends text elsewhere", text(strings.Replace(cpuOfC, `container="c"`, "container=\"c\x00\"", 1) + "1"), false},
		{"labels in another order", text(`container_cpu_usage_seconds_total{pod="p",namespace="n",container="c"} 1`), false},
		{"a label more", text(`container_cpu_usage_seconds_total{container="c",namespace="n",pod="p",x="y"} 1`), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var n sample.Node
			guess := inferLayout([]byte(tt.body), names{}, everything{}, sample.AllResources)
			if _, got := guess.read([]byte(tt.body), &n, everything{}, sample.AllResources); got != tt.reads {
				t.Errorf("it was read: %t", got)
			}
			checkDecoder(t, []byte(tt.body), []byte(tt.body))
		})
	}
}

// TestInferenceEndsEarly has the first series be one that no layout has. The filter is called by the parser alone then.
func TestInferenceEndsEarly(t *testing.T) {
	filter := &only{containers: []string{"c"}}
	d := ResourceDecoder{Filter: filter}
	body := text(strings.Replace(cpuOfC, `container="c"`, `container="POD"`, 1)+"1", cpuOfC+"1", cpuOfD+"1")
	if err := d.Decode(t.Context(), []byte(body), new(sample.Node)); err != nil || filter.calls != 2 {
		t.Errorf("the filter was called %d times, want once for each of two containers: %v", filter.calls, err)
	}
}

// TestKubeletLayoutsAreInferred checks that no response of a real kubelet needs the parser.
func TestKubeletLayoutsAreInferred(t *testing.T) {
	for _, path := range ofKubelets {
		var n sample.Node
		body := read(t, "testdata/"+path)
		guess := inferLayout(body, names{}, everything{}, sample.AllResources)
		if _, ok := guess.read(body, &n, everything{}, sample.AllResources); !ok {
			t.Errorf("%s goes through the parser", path)
		}
	}
}
