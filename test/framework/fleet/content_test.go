package fleet

import (
	"strings"
	"testing"
	"time"
)

// TestContent has a client read what each fault makes of a healthy body.
func TestContent(t *testing.T) {
	f, _ := newFleet(t, Options{Nodes: 2})
	addPod(t, f, "node-0001", examplePods()[0])
	start(t, f)
	healthy := renderText(f, false)
	lines := strings.Count(healthy, "\n")
	comments := strings.Count(healthy, "\n#") + 1
	tests := []struct {
		fault Fault
		path  string
		want  func(r reply) bool
	}{
		{Values("NaN"), PathResource, func(r reply) bool {
			return strings.Count(r.Body, " NaN") == lines-comments-1 && strings.HasSuffix(r.Body, "\nresource_scrape_error 0\n")
		}},
		{Values("NaN"), PathSummary, func(r reply) bool { return strings.Contains(r.Body, `"usageCoreNanoSeconds"`) }},
		{WithoutLabels(), PathResource, func(r reply) bool {
			return strings.HasPrefix(r.Body, "container_cpu_usage_seconds_total 1 1000\n") && strings.HasSuffix(r.Body, healthy)
		}},
		{InvalidUTF8(), PathResource, func(r reply) bool { return strings.Contains(r.Body, "\xff\xfe") && strings.HasSuffix(r.Body, healthy) }},
		{Duplicates(3), PathResource, func(r reply) bool {
			return strings.Count(r.Body, "\n") == 3*lines-2*(comments+1) && strings.Count(r.Body, "\nresource_scrape_error") == 1
		}},
		{Cut(), PathResource, func(r reply) bool {
			return !r.Failed && len(r.Body) > len(healthy)/3 && strings.HasPrefix(healthy, r.Body) && !strings.HasSuffix(r.Body, "\n")
		}},
		{ContentType("text/html"), PathResource, func(r reply) bool { return r.Body == healthy }},
		{OtherFormat(), PathResource, func(r reply) bool { return strings.HasPrefix(r.Body, "{\n \"node\"") }},
		{OtherFormat(), PathSummary, func(r reply) bool { return r.Body == healthy }},
		{OtherNodesPods(), PathResource, func(r reply) bool {
			return strings.Contains(r.Body, "node_cpu") && !strings.Contains(r.Body, "{container=")
		}},
		{UnknownPods(5), PathResource, func(r reply) bool {
			return strings.Count(r.Body, `pod="absent-`) == 5 && strings.HasSuffix(r.Body, healthy)
		}},
		{ChangingOrder(4), PathResource, func(r reply) bool {
			return strings.Count(r.Body, "\n") == lines-comments+8 && !strings.Contains(r.Body, "#") && strings.HasSuffix(r.Body, "\nresource_scrape_error 0\n")
		}},
		{ManySeries(5), PathResource, func(r reply) bool {
			return strings.Count(r.Body, `{container="c"`) == 5 && strings.Count(r.Body, "\n") == 6
		}},
		{EndlessLines(), PathResource, func(r reply) bool { return len(r.Body) == 1<<20 && strings.Count(r.Body, "\n") > 1000 }},
		{EndlessLine(), PathResource, func(r reply) bool { return len(r.Body) == 1<<20 && !strings.Contains(r.Body, "\n") }},
		{EndlessList(), PathSummary, func(r reply) bool { return len(r.Body) == 1<<20 && strings.Contains(r.Body, "{},{},{}") }},
	}
	for _, tt := range tests {
		t.Run(tt.fault.String()+" of "+strings.TrimPrefix(tt.path, "/"), func(t *testing.T) {
			if err := f.SetFault("node-0001", tt.fault); err != nil {
				t.Fatal(err)
			}
			if got := fetch(t, httpClient(t), url(f, 0, tt.path)); got.Status != 200 || !tt.want(got) {
				got.Body = got.Body[:min(len(got.Body), 300)] + "..." + got.Body[max(len(got.Body)-100, 0):]
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestClock reads the times of a node whose clock is wrong.
func TestClock(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	tests := []struct {
		name  string
		fault Fault
		// want are the times of the node's series in responses that follow each other.
		want []string
	}{
		{"ahead", Clock(time.Hour), []string{"1785927600000", "1785927600000"}},
		{"behind", Clock(-time.Hour), []string{"1785920400000"}},
		{"stepping", SteppingClock(time.Hour), []string{"1785927600000", "1785920400000", "1785927600000"}},
		{"ancient", Ancient(), []string{"-1"}},
		{"far future", FarFuture(), []string{"9223372036854775807"}},
		{"healthy", Fault{}, []string{"1785924000000"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := f.SetFault("node-0001", tt.fault); err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				_, body := get(t, httpClient(t), url(f, 0, PathResource))
				if !strings.Contains(body, "\nnode_memory_working_set_bytes 5.36870912e+08 "+want+"\n") {
					t.Errorf("got %s, want the time %s", body, want)
				}
			}
		})
	}
}

// TestNothingRepeats compares two responses of faults whose responses all differ.
func TestNothingRepeats(t *testing.T) {
	f, _ := newFleet(t, Options{})
	addPod(t, f, "node-0001", examplePods()[0])
	start(t, f)
	for _, fault := range []Fault{ChangingNames(50), ChangingOrder(50)} {
		t.Run(fault.String(), func(t *testing.T) {
			if err := f.SetFault("node-0001", fault); err != nil {
				t.Fatal(err)
			}
			_, one := get(t, httpClient(t), url(f, 0, PathResource))
			_, two := get(t, httpClient(t), url(f, 0, PathResource))
			if one == two || strings.Count(one, "\n") != strings.Count(two, "\n") || strings.Count(one, "absent-") < 50 {
				t.Errorf("they are %.300s and %.300s", one, two)
			}
		})
	}
}
