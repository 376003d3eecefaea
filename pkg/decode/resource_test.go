package decode

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// text joins lines of the text format.
func text(lines ...string) string {
	return strings.Join(lines, "\n") + "\n"
}

const (
	cpuOfC    = `container_cpu_usage_seconds_total{container="c",namespace="n",pod="p"} `
	memoryOfC = `container_memory_working_set_bytes{container="c",namespace="n",pod="p"} `
	swapOfC   = `container_swap_usage_bytes{container="c",namespace="n",pod="p"} `
	startOfC  = `container_start_time_seconds{container="c",namespace="n",pod="p"} `

	podOfC = "pod \"n\"/\"p\" uid=\"\"\n"
)

func TestResourceReadings(t *testing.T) {
	tests := []struct {
		name, body, want string
	}{
		{"rounds CPU to nanoseconds", text(cpuOfC + "0.1234567894999 2000"),
			"node -\n" + podOfC + "  container \"c\" cpu=123456789@1970-01-01T00:00:02\n"},
		{"plain integers and exponents", text(cpuOfC+"12 2000", memoryOfC+"1.048576e+06 3000"),
			"node -\n" + podOfC + "  container \"c\" cpu=12000000000@1970-01-01T00:00:02 memory=1048576@1970-01-01T00:00:03\n"},
		{"no timestamp", text("node_cpu_usage_seconds_total 1"), "node cpu=1000000000@receipt\n"},
		{"zero is a reading", text(cpuOfC+"0", memoryOfC+"-0"),
			"node -\n" + podOfC + "  container \"c\" cpu=0@receipt memory=0@receipt\n"},
		{"not a number", text(cpuOfC+"NaN", memoryOfC+"1"),
			"node -\n" + podOfC + "  container \"c\" memory=1@receipt\nrejected not_finite=1\n"},
		{"infinite", text(cpuOfC+"+Inf", memoryOfC+"-Inf"), "node -\n" + podOfC + "  container \"c\" -\nrejected not_finite=2\n"},
		{"negative", text(swapOfC + "-1"), "node -\n" + podOfC + "  container \"c\" -\nrejected negative=1\n"},
		{"wrapped subtraction", text(memoryOfC+"1.8446744073709552e+19", swapOfC+"5"),
			"node -\n" + podOfC + "  container \"c\" swap=5@receipt\nrejected too_large=1\n"},
		{"first that is too large", text(memoryOfC+"9.223372036854775807e+18", "node_memory_working_set_bytes 9.223372036854774e+18"),
			"node memory=9223372036854773760@receipt\n" + podOfC + "  container \"c\" -\nrejected too_large=1\n"},
		{"more seconds than nanoseconds can count", text("node_cpu_usage_seconds_total 1e10"), "node -\nrejected too_large=1\n"},
		{"timestamp zero", text(cpuOfC+"1 0", memoryOfC+"1 1"),
			"node -\n" + podOfC + "  container \"c\" memory=1@1970-01-01T00:00:00.001\nrejected bad_time=1\n"},
		{"timestamp of Go's zero time", text(cpuOfC+"1 -62135596800000", memoryOfC+"1 1"),
			"node -\n" + podOfC + "  container \"c\" memory=1@1970-01-01T00:00:00.001\nrejected bad_time=1\n"},
		{"negative timestamp before blanks and after a tab", text("node_cpu_usage_seconds_total 1\t-5 \t", "node_memory_working_set_bytes 5"), "node memory=5@receipt\nrejected bad_time=1\n"},
		{"a minus without digits", text("node_cpu_usage_seconds_total 1 -", "node_memory_working_set_bytes 5"), "node memory=5@receipt\nrejected malformed=1\n"},
		{"a series of an extra resource twice", text(cpuOfC+"1", swapOfC+"5", swapOfC+"5"),
			"node -\n" + podOfC + "  container \"c\" cpu=1000000000@receipt swap=5@receipt\nrejected repeated=1\n"},
		{"two instances, one of them with a value that is none", text(cpuOfC+"1 2000", cpuOfC+"2 3000", memoryOfC+"NaN"),
			"node -\n" + podOfC + "  container \"c\" cpu=2000000000@1970-01-01T00:00:03\nrejected not_finite=1\nrejected older_life=1\n"},
		{"timestamp beyond what nanoseconds can count", text("node_cpu_usage_seconds_total 1 9223372036855"), "node -\nrejected future=1\n"},
		{"start in seconds with a fraction", text(startOfC + "1.7859236005e+09"),
			"node -\n" + podOfC + "  container \"c\" start=2026-08-05T09:53:20.5\n"},
		{"start that is an age", text(startOfC + "1e9"), "node -\n" + podOfC + "  container \"c\" -\n"},
		{"start in milliseconds", text(startOfC + "1.785923600e+12"), "node -\n" + podOfC + "  container \"c\" -\nrejected too_large=1\n"},
		{"start that is no number", text(startOfC + "NaN"), "node -\n" + podOfC + "  container \"c\" -\nrejected not_finite=1\n"},
		{"blanks before, between and after", text(" \tnode_cpu_usage_seconds_total \t 1\t2000 "), "node cpu=1000000000@1970-01-01T00:00:02\n"},
		{"healthy and empty", text("resource_scrape_error 0"), "node -\n"},
		{"both error gauges", text("scrape_error 1", "resource_scrape_error 0", "node_memory_working_set_bytes 1"), "node memory=1@receipt\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, render(resource([]byte(tt.body)))); diff != "" {
				t.Errorf("Resource(%q) (-want +got):\n%s", tt.body, diff)
			}
		})
	}
}

func TestResourceLabels(t *testing.T) {
	const found = "node -\n" + podOfC + "  container \"c\" cpu=1000000000@receipt\n"
	tests := []struct {
		name, labels, want string
	}{
		{"sorted", `{container="c",namespace="n",pod="p"}`, found},
		{"spaces, another order, a trailing comma", ` { pod = "p" ,namespace="n", container="c", }`, found},
		{"unknown labels", `{a="container=\"x\"",container="c",namespace="n",pod="p",xcontainer="x"}`, found},
		{"no container", `{namespace="n",pod="p"}`, "node -\nrejected malformed=1\n"},
		{"no namespace", `{container="c",pod="p"}`, "node -\nrejected malformed=1\n"},
		{"empty pod", `{container="c",namespace="n",pod=""}`, "node -\nrejected malformed=1\n"},
		{"no labels", ``, "node -\nrejected malformed=1\n"},
		{"a label twice", `{container="c",container="d",namespace="n",pod="p"}`, "node -\nrejected malformed=1\n"},
		{"cgroup of a pod", `{container="",namespace="n",pod="p"}`, "node -\n"},
		{"cgroup outside pods", `{container="",namespace="",pod=""}`, "node -\n"},
		{"an escape in the namespace", `{container="c",namespace="n\"",pod="p"}`, "node -\npod \"n\\\"\"/\"p\" uid=\"\"\n  container \"c\" cpu=1000000000@receipt\n"},
		{"an escape in the pod", `{container="c",namespace="n",pod="p\\"}`, "node -\npod \"n\"/\"p\\\\\" uid=\"\"\n  container \"c\" cpu=1000000000@receipt\n"},
		{"an escape in the container", `{container="c\n",namespace="n",pod="p"}`, "node -\n" + podOfC + "  container \"c\\n\" cpu=1000000000@receipt\n"},
		{"spaces in names", `{container="c d",namespace="n m",pod="p q"}`, "node -\npod \"n m\"/\"p q\" uid=\"\"\n  container \"c d\" cpu=1000000000@receipt\n"},
		{"sandbox", `{container="POD",namespace="n",pod="p"}`, "node -\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := text("container_cpu_usage_seconds_total"+tt.labels+" 1", "resource_scrape_error 0")
			if diff := cmp.Diff(tt.want, render(resource([]byte(body)))); diff != "" {
				t.Errorf("Resource(%q) (-want +got):\n%s", body, diff)
			}
		})
	}
}

// TestResourceOneContainerManySpellings checks that series find their container however and wherever they are written.
func TestResourceOneContainerManySpellings(t *testing.T) {
	body := text(
		`container_cpu_usage_seconds_total{container="a",namespace="n",pod="p"} 1`,
		`container_cpu_usage_seconds_total{container="b",namespace="n",pod="p"} 2`,
		`container_cpu_usage_seconds_total{container="a",namespace="n",pod="q"} 3`,
		`container_memory_working_set_bytes{container="a",namespace="n",pod="q"} 30`,
		`container_memory_working_set_bytes{pod="p",namespace="n",container="b"} 20`,
		`container_memory_working_set_bytes{container="d",namespace="n",pod="p"} 40`,
		`container_memory_working_set_bytes{container="a",namespace="n",pod="p"} 10`,
		`container_swap_usage_bytes{container="b",namespace="n",pod="p"} 200`,
		`container_swap_usage_bytes{container="a",namespace="n",pod="q"} 300`,
	)
	want := "node -\n" + podOfC +
		"  container \"a\" cpu=1000000000@receipt memory=10@receipt\n" +
		"  container \"b\" cpu=2000000000@receipt memory=20@receipt swap=200@receipt\n" +
		"  container \"d\" memory=40@receipt\n" +
		"pod \"n\"/\"q\" uid=\"\"\n" +
		"  container \"a\" cpu=3000000000@receipt memory=30@receipt swap=300@receipt\n"
	if diff := cmp.Diff(want, render(resource([]byte(body)))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestResourceErrors(t *testing.T) {
	tests := []struct {
		name, body string
		want       error
	}{
		{"no body", "", ErrEmpty},
		{"a page", "<!DOCTYPE html>\n<html><body>Sign in</body></html>", ErrEmpty},
		{"metrics of something else", text("# TYPE go_goroutines gauge", "go_goroutines 7"), ErrEmpty},
		{"only series of pods", text(`pod_cpu_usage_seconds_total{namespace="n",pod="p"} 1`), ErrEmpty},
		{"collection failed", text("resource_scrape_error 1"), ErrKubelet},
		{"collection failed half-way", text("node_cpu_usage_seconds_total 1", "resource_scrape_error 1"), ErrKubelet},
		{"collection failed, old name", text("node_cpu_usage_seconds_total 1", "scrape_error 1"), ErrKubelet},
		{"collection failed, and then it did not", text("node_cpu_usage_seconds_total 1", "resource_scrape_error 1", "resource_scrape_error 0"), ErrKubelet},
		{"collection did not fail, and then it did", text("node_cpu_usage_seconds_total 1", "resource_scrape_error 0", "resource_scrape_error 1"), ErrKubelet},
		{"cut in a comment", "# HELP node_cpu_usage", ErrTruncated},
		{"cut in a name", text(cpuOfC+"1") + "container_mem", ErrTruncated},
		{"cut in labels", strings.TrimSuffix(cpuOfC, `"} `), ErrTruncated},
		{"cut after a value that could go on", text("node_cpu_usage_seconds_total 1") + "node_memory_working_set_bytes 10", ErrTruncated},
		{"nothing but bad lines", text("node_cpu_usage_seconds_total one"), ErrSyntax},
		{"too many bad lines", text(cpuOfC+"1") + strings.Repeat(text(cpuOfC), maxBadLines+1), ErrSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := resource([]byte(tt.body))
			if !errors.Is(err, tt.want) {
				t.Errorf("Resource() error = %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(sample.Node{}, got); diff != "" {
				t.Errorf("values of a failed response are left (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResourcePassesOverBadLines(t *testing.T) {
	good := text(memoryOfC + "2")
	const want = "node -\n" + podOfC + "  container \"c\" cpu=1000000000@receipt memory=2@receipt\n"
	tests := []struct {
		name, bad, rejected string
	}{
		{"no value", text(cpuOfC), "rejected malformed=1\n"},
		{"value is a word", text(cpuOfC + "much"), "rejected malformed=1\n"},
		{"two timestamps", text(cpuOfC + "5 1000 1000"), "rejected malformed=1\n"},
		{"two timestamps, one negative", text(cpuOfC + "5 1000 -1000"), "rejected malformed=1\n"},
		{"value beyond a float", text(cpuOfC + "1e999"), "rejected malformed=1\n"},
		{"name and nothing else", text("node_cpu_usage_seconds_total"), "rejected malformed=1\n"},
		{"quote left open", text(`container_cpu_usage_seconds_total{container="c`), "rejected malformed=1\n"},
		{"a line break in a quote", text(`container_cpu_usage_seconds_total{container="c`, `node_memory_working_set_bytes ",namespace="n",pod="p"} 1`), "rejected malformed=2\n"},
		{"invalid UTF-8", text("container_cpu_usage_seconds_total{container=\"\xff\",namespace=\"n\",pod=\"p\"} 1"), "rejected malformed=1\n"},
		{"zero bytes", text("node_cpu_usage_seconds_total\x00 1", cpuOfC+"\x001", cpuOfC+"1 \x00"), "rejected malformed=3\n"},
		{"carriage return", text(cpuOfC + "5\r"), "rejected malformed=1\n"},
		{"as many as are borne", strings.Repeat(text(cpuOfC), maxBadLines), "rejected malformed=100\n"},
		{"bad lines of other metrics", text("nonsense {", "# TYPE x y", "pod_cpu_usage_seconds_total{"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := text(cpuOfC+"1") + tt.bad + good
			if diff := cmp.Diff(want+tt.rejected, render(resource([]byte(body)))); diff != "" {
				t.Errorf("Resource(%q) (-want +got):\n%s", body, diff)
			}
		})
	}
}

// TestResourceGivesUpEarly checks that a body of bad lines costs no more than a few of them.
func TestResourceGivesUpEarly(t *testing.T) {
	r := newSeriesReader([]byte(strings.Repeat(text(cpuOfC), 10*maxBadLines)), sample.AllResources)
	for r.next() {
		t.Error("a series where there is none")
	}
	if want := 9*maxBadLines - 1; bytes.Count(r.rest, []byte("\n")) != want {
		t.Errorf("%d lines were left unread, want %d", bytes.Count(r.rest, []byte("\n")), want)
	}
}

// TestPodsShareNoSlice checks that a caller can append to the slice of one pod.
func TestPodsShareNoSlice(t *testing.T) {
	n, err := resource(read(t, "testdata/resource-linux-t0.prom"))
	if err != nil {
		t.Fatal(err)
	}
	before := render(sample.Node{Pods: n.Pods[1:]}, nil)
	_ = append(n.Pods[0].Containers, sample.Container{Name: "more"})
	if diff := cmp.Diff(before, render(sample.Node{Pods: n.Pods[1:]}, nil)); diff != "" {
		t.Errorf("appending to one pod changed another (-before +after):\n%s", diff)
	}
}

func TestErrorsRepeatLittleOfTheBody(t *testing.T) {
	long := strings.Repeat("\u00e9", 1<<16)
	for name, err := range map[string]error{
		"truncated": second(resource([]byte("# " + long))),
		"empty":     second(resource([]byte(long))),
		"malformed": second(resource([]byte(text("node_cpu_usage_seconds_total " + long)))),
		"JSON":      second(summary([]byte(long))),
	} {
		t.Run(name, func(t *testing.T) {
			if n := len(err.Error()); n > 400 {
				t.Errorf("the error has %d bytes: %.500s", n, err)
			}
			if strings.Contains(err.Error(), `\x`) {
				t.Errorf("the error cuts a character: %s", err)
			}
		})
	}
}

func second(_ sample.Node, err error) error { return err }

// TestNamesThatBeginAsAnother has metrics whose names are longer than that of a metric that is read, by each character at the border of what a name may
// have.
func TestNamesThatBeginAsAnother(t *testing.T) {
	for _, more := range []string{"a", "z", "A", "Z", "0", "9", "_", ":"} {
		body := text("node_cpu_usage_seconds_total"+more+" 1", "node_memory_working_set_bytes 5")
		if diff := cmp.Diff("node memory=5@receipt\n", render(resource([]byte(body)))); diff != "" {
			t.Errorf("with %q (-want +got):\n%s", more, diff)
		}
	}
}

// TestErrorsQuoteTheFirstMalformedLine wants the first of several.
func TestErrorsQuoteTheFirstMalformedLine(t *testing.T) {
	_, err := resource([]byte(text("node_cpu_usage_seconds_total one", "node_memory_working_set_bytes two")))
	if err == nil || !strings.Contains(err.Error(), `begins "node_cpu_usage_seconds_total one"`) {
		t.Errorf("the error is %v", err)
	}
}
