package decode

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

func TestSummaryReadings(t *testing.T) {
	tests := []struct {
		name, node, want string
	}{
		{"all", `"startTime":"2026-08-05T09:00:00Z","cpu":{"time":"2026-08-05T10:00:00Z","usageNanoCores":5,"usageCoreNanoSeconds":6},
			"memory":{"time":"2026-08-05T10:00:01Z","workingSetBytes":7},"swap":{"time":"2026-08-05T10:00:02Z","swapUsageBytes":8}`,
			"node start=2026-08-05T09:00:00 cpu=6@2026-08-05T10:00:00 memory=7@2026-08-05T10:00:01 swap=8@2026-08-05T10:00:02 rate=5@2026-08-05T10:00:00\n"},
		{"null time", `"memory":{"time":null,"workingSetBytes":7}`, "node memory=7@receipt\n"},
		{"no time", `"memory":{"workingSetBytes":7}`, "node memory=7@receipt\n"},
		{"Go's zero time", `"memory":{"time":"0001-01-01T00:00:00Z","workingSetBytes":7}`, "node memory=7@receipt\n"},
		{"time at the epoch", `"memory":{"time":"1970-01-01T00:00:00Z","workingSetBytes":7}`, "node -\nrejected bad_time=1\n"},
		{"time long ago", `"memory":{"time":"1500-01-01T00:00:00Z","workingSetBytes":7}`, "node -\nrejected bad_time=1\n"},
		{"time beyond what nanoseconds can count", `"memory":{"time":"2263-01-01T00:00:00Z","workingSetBytes":7}`, "node -\nrejected future=1\n"},
		{"time is no time", `"cpu":{"time":"today","usageNanoCores":5,"usageCoreNanoSeconds":6},"memory":{"workingSetBytes":7}`,
			"node memory=7@receipt\nrejected malformed=2\n"},
		{"time is a number", `"memory":{"time":1,"workingSetBytes":7}`, "node -\nrejected malformed=1\n"},
		{"time with an escape", `"memory":{"time":"2026\u002d08-05T10:00:01Z","workingSetBytes":7}`, "node memory=7@2026-08-05T10:00:01\n"},
		{"start too early", `"startTime":"2001-09-09T01:46:40Z"`, "node -\n"},
		{"negative", `"memory":{"workingSetBytes":-7},"swap":{"swapUsageBytes":1}`, "node swap=1@receipt\nrejected negative=1\n"},
		{"wrapped subtraction", `"memory":{"workingSetBytes":18446744073701163008}`, "node -\nrejected too_large=1\n"},
		{"first that is too large", `"memory":{"workingSetBytes":9223372036854775808},"swap":{"swapUsageBytes":9223372036854775807}`,
			"node swap=9223372036854775807@receipt\nrejected too_large=1\n"},
		{"beyond 64 bits", `"memory":{"workingSetBytes":18446744073709551616}`, "node -\nrejected too_large=1\n"},
		{"beyond a float", `"memory":{"workingSetBytes":1e999},"swap":{"swapUsageBytes":-1e999}`, "node -\nrejected negative=1\nrejected too_large=1\n"},
		{"with an exponent", `"memory":{"workingSetBytes":7e3}`, "node memory=7000@receipt\n"},
		{"a field twice", `"memory":{"time":"today","time":null,"workingSetBytes":-1,"workingSetBytes":7}`, "node memory=7@receipt\n"},
		{"a string for a number", `"memory":{"workingSetBytes":"7"}`, "node -\nrejected malformed=1\n"},
		{"a truth value for a number", `"memory":{"workingSetBytes":true},"cpu":{"psi":{"some":{"avg10":true,"avg60":100}}}`,
			"node cpu-pressure-some-60s=1000000@receipt\nrejected malformed=2\n"},
		{"beyond a float, from the first digit to the last", `"memory":{"workingSetBytes":0.1e999},"swap":{"swapUsageBytes":9e999}`, "node -\nrejected too_large=2\n"},
		{"the longest number", `"memory":{"workingSetBytes":7.` + strings.Repeat("0", maxScalar-2) + `},"swap":{"swapUsageBytes":7.` + strings.Repeat("0", maxScalar-1) + `}`,
			"node memory=7@receipt\nrejected too_long=1\n"},
		{"an object in two parts", `"cpu":{"usageCoreNanoSeconds":6},"cpu":{"usageNanoCores":5}`, "node cpu=6@receipt rate=5@receipt\n"},
		{"null for an object", `"startTime":"2026-08-05T09:00:00Z","swap":null`, "node start=2026-08-05T09:00:00\n"},
		{"an object twice", `"memory":{"workingSetBytes":-1},"memory":{"workingSetBytes":7},"swap":{"swapUsageBytes":1},"swap":null`, "node memory=7@receipt\n"},
		{"a list for an object", `"memory":[],"swap":{"swapUsageBytes":1}`, "node swap=1@receipt\nrejected malformed=1\n"},
		{"nonsense in fields that are not read", `"rlimit":{"time":"today","maxpid":-1},"memory":{"rssBytes":-1,"workingSetBytes":7}`, "node memory=7@receipt\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"node":{"nodeName":"x",` + tt.node + `},"pods":null}`
			if diff := cmp.Diff(tt.want, render(summary([]byte(body)))); diff != "" {
				t.Errorf("Summary(%s) (-want +got):\n%s", body, diff)
			}
		})
	}
}

func TestSummaryPods(t *testing.T) {
	tests := []struct {
		name, pods, want string
	}{
		{"sandbox and cgroup", `{"podRef":{"name":"p","namespace":"n","uid":"u"},"containers":[{"name":"POD"},{"name":""},{"name":"c"}]}`,
			"node -\npod \"n\"/\"p\" uid=\"u\"\n  container \"c\" -\n"},
		{"an object twice", `{"podRef":{"name":"q","namespace":"n","uid":"u"},"podRef":{"name":"p"},"containers":[{"name":"d"},{"name":"c","cpu":{"usageCoreNanoSeconds":-1}}],` +
			`"containers":[{"name":"c","memory":{"workingSetBytes":7}}]}`,
			"node -\npod \"n\"/\"p\" uid=\"u\"\n  container \"c\" memory=7@receipt\n"},
		{"members that are not known", `{"podRef":{"name":"p","namespace":"n","x":"y"},"x":1,"containers":[{"name":"c","x":{}}]}`,
			"node -\npod \"n\"/\"p\" uid=\"\"\n  container \"c\" -\n"},
		{"no containers, after a pod that has one", `{"podRef":{"name":"p","namespace":"n"},"containers":[{"name":"c"}]},{"podRef":{"name":"q","namespace":"n"}}`,
			"node -\npod \"n\"/\"p\" uid=\"\"\n  container \"c\" -\npod \"n\"/\"q\" uid=\"\"\n"},
		{"a container without a name, after one that has one", `{"podRef":{"name":"p","namespace":"n"},"containers":[{"name":"c"},{"memory":{"workingSetBytes":7}}]}`,
			"node -\npod \"n\"/\"p\" uid=\"\"\n  container \"c\" -\n"},
		{"two of one name, after one that started later than both", `{"podRef":{"name":"p","namespace":"n"},"startTime":"2026-08-05T10:00:00Z"},` +
			`{"podRef":{"name":"q","namespace":"n","uid":"a"}},{"podRef":{"name":"q","namespace":"n","uid":"b"},"startTime":"2026-08-05T09:00:00Z"}`,
			"node -\npod \"n\"/\"p\" uid=\"\"\npod \"n\"/\"q\" uid=\"b\"\n"},
		{"two of one name, by the newest of their containers", `{"podRef":{"name":"p","namespace":"n","uid":"a"},"containers":[{"name":"c","startTime":"2026-08-05T10:00:00Z"},{"name":"d","startTime":"2026-08-05T09:00:00Z"}]},` +
			`{"podRef":{"name":"p","namespace":"n","uid":"b"},"containers":[{"name":"c","startTime":"2026-08-05T09:30:00Z"}]}`,
			"node -\npod \"n\"/\"p\" uid=\"a\"\n  container \"c\" start=2026-08-05T10:00:00\n  container \"d\" start=2026-08-05T09:00:00\n"},
		{"two that are equal", `{"podRef":{"name":"p","namespace":"n","uid":"a"}},{"podRef":{"name":"p","namespace":"n","uid":"b"}}`, "node -\npod \"n\"/\"p\" uid=\"a\"\n"},
		{"no name", `{"podRef":{"namespace":"n"}},{"podRef":{"name":"p"}},{}`, "node -\nrejected malformed=3\n"},
		{"containers are no list", `{"podRef":{"name":"p","namespace":"n"},"containers":{}},{"podRef":{"name":"q","namespace":"n"}}`,
			"node -\npod \"n\"/\"p\" uid=\"\"\npod \"n\"/\"q\" uid=\"\"\nrejected malformed=1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"node":{"nodeName":"x"},"pods":[` + tt.pods + `]}`
			if diff := cmp.Diff(tt.want, render(summary([]byte(body)))); diff != "" {
				t.Errorf("Summary(%s) (-want +got):\n%s", body, diff)
			}
		})
	}
}

func TestSummaryErrors(t *testing.T) {
	tests := []struct {
		name, body string
		want       error
	}{
		{"no body", "", ErrEmpty},
		{"blank body", " \n", ErrEmpty},
		{"an empty object", "{}", ErrEmpty},
		{"another object", `{"kind":"Status","status":"Failure"}`, ErrEmpty},
		{"null", "null", ErrEmpty},
		{"a list", "[]", ErrEmpty},
		{"a page", "<html></html>", ErrSyntax},
		{"cut in the middle", `{"node":{"nodeName":"x","cpu":{"time":"2026-`, ErrTruncated},
		{"cut before the end", `{"node":{"nodeName":"x"}`, ErrTruncated},
		{"something after the end", `{"node":{"nodeName":"x"}}{}`, ErrSyntax},
		{"wrong last byte", `{"node":{"nodeName":"x"]`, ErrSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := summary([]byte(tt.body))
			if !errors.Is(err, tt.want) {
				t.Errorf("Summary() error = %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(sample.Node{}, got); diff != "" {
				t.Errorf("values of a failed response are left (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSummaryWithTwoListsOfPods means the second, whether the first is short or long.
func TestSummaryWithTwoListsOfPods(t *testing.T) {
	for _, first := range []int{1, few + 1} {
		body := `{"node":{"nodeName":"x"},"pods":[{"podRef":{"name":"p","namespace":"n"},"containers":[{"name":"c"}]}` +
			strings.Repeat(`,{"podRef":{"name":"p","namespace":"n","uid":"u"}}`, first-1) + `],"pods":[{"podRef":{"name":"p","namespace":"n"}},{"podRef":{"name":"q","namespace":"n"}}]}`
		want := "node -\npod \"n\"/\"p\" uid=\"\"\npod \"n\"/\"q\" uid=\"\"\n"
		if diff := cmp.Diff(want, render(summary([]byte(body)))); diff != "" {
			t.Errorf("after %d pods (-want +got):\n%s", first, diff)
		}
	}
}
