package decode

import (
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestFullParse decodes texts one after the other, and says of each whether the full parser read it.
func TestFullParse(t *testing.T) {
	const (
		cpuOf    = `container_cpu_usage_seconds_total{container="c",namespace="n",pod="p"} 1 1000` + "\n"
		memoryOf = `container_memory_working_set_bytes{container="c",namespace="n",pod="p"} 1 1000` + "\n"
		end      = "resource_scrape_error 0\n"
		healthy  = cpuOf + memoryOf + end
	)
	d := &ResourceDecoder{}
	var n sample.Node
	other := strings.ReplaceAll(healthy, `pod="p"`, `pod="q"`)
	for _, tt := range []struct {
		name, body string
		want       bool
	}{
		{"the first", healthy, false},
		{"the same again", healthy, false},
		{"another pod", other, false},
		{"more spaces", strings.ReplaceAll(healthy, "} 1", "}  1"), true},
		{"a metric that comes back", cpuOf + memoryOf + cpuOf + end, true},
		{"a value that is no decimal number", strings.ReplaceAll(healthy, "} 1", "} NaN"), true},
		{"the first again", healthy, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := d.Decode(t.Context(), []byte(tt.body), &n); err != nil {
				t.Fatal(err)
			}
			if n.FullParse != tt.want {
				t.Errorf("the full parser read it: %t, want %t", n.FullParse, tt.want)
			}
		})
	}
}
