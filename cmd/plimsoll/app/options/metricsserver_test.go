package options_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

// differentDefaults are metrics-server 0.9's values of the defaults that differ from it; the comments in NewOptions give the reasons.
var differentDefaults = map[string]string{
	"authorization-webhook-cache-authorized-ttl": "10s",
	"enable-priority-and-fairness":               "true",
	"shutdown-watch-termination-grace-period":    "-",
}

// TestMetricsServerFlags checks that each flag of metrics-server 0.9 is here, with its shorthand and default. The list has a
// line for each: name, shorthand, default; a dash stands for none, or for the zero of its type.
func TestMetricsServerFlags(t *testing.T) {
	list, err := os.ReadFile("testdata/metrics-server-0.9.0.flags")
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string][]string{}
	for _, fs := range options.NewOptions().Flags().FlagSets {
		fs.VisitAll(func(f *pflag.Flag) { ours[f.Name] = []string{f.Name, dash(f.Shorthand), dash(f.DefValue)} })
	}
	for line := range strings.Lines(string(list)) {
		want := strings.Fields(line)
		got := ours[want[0]]
		if theirs, ok := differentDefaults[want[0]]; ok && len(got) > 0 {
			if got[2] == want[2] || theirs != want[2] {
				t.Errorf("--%s: default %s, and theirs is %s", want[0], got[2], want[2])
			}
			got[2] = theirs
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("--%s (-theirs +ours):\n%s", want[0], diff)
		}
	}
}

func dash(value string) string {
	switch value {
	case "", "0", "0s", "false", "[]", "<nil>":
		return "-"
	}
	return value
}
