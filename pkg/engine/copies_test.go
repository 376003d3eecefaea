package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// seriesOf adds series to an assembler: each line has the labels, joined by spaces, and after a colon times in seconds; every value is 1.
func seriesOf(t *testing.T, s *Selection, text string) *assembler {
	t.Helper()
	a := newAssembler(s, []string{"n1", "n2"})
	for line := range strings.Lines(text) {
		named, times, _ := strings.Cut(strings.TrimSpace(line), ":")
		var labels []label
		for pair := range strings.FieldsSeq(named) {
			name, value, _ := strings.Cut(pair, "=")
			labels = append(labels, label{[]byte(name), []byte(value)})
		}
		var points []point
		for at := range strings.FieldsSeq(times) {
			points = append(points, point{seconds(t, at), 1})
		}
		if len(labels) > 0 {
			a.add(labels, points)
		}
	}
	return a
}

func TestChooseCopy(t *testing.T) {
	const (
		container = "__name__=container_cpu_usage_seconds_total node=n1 namespace=ns pod=p container=c "
		self      = "__name__=node_cpu_usage_seconds_total node=n1 "
	)
	for _, tt := range []struct {
		name, series, before string
		// want are the labels of the copy, endpoint its endpoint.
		want     string
		endpoint Endpoint
		err      string
	}{
		{"none", "", "", "", Auto, errNoSeries.Error()},
		{"of another node", strings.Replace(container, "n1", "n2", 1) + ": 10", "", "", Auto, errNoSeries.Error()},
		{"one", container + "job=a: 10", "", "job=a", Resource, ""},
		{"without a node label", "__name__=container_cpu_usage_seconds_total namespace=ns pod=p container=c: 1", "", "", Auto, errNoSeries.Error()},
		{"/metrics/resource before cAdvisor", container + "id=/x job=a: 10\n" + container + "job=b: 10", "", "job=b", Resource, ""},
		{"cAdvisor where /metrics/resource has the node alone", container + "id=/x job=a: 10\n" + self + "job=b: 10", "", "job=a", CAdvisor, ""},
		{"the node alone", self + "job=b: 10", "", "job=b", Resource, ""},
		{"two clusters", container + "cluster=east: 10 20\n" + container + "cluster=west: 11 21", "", "", Auto,
			`the engine has several series of each of the node's metrics, which differ in the label cluster: "east" and "west"`},
		{"two jobs, of which one has no such label", container + ": 10 20\n" + container + "job=b: 11 21", "", "", Auto,
			`the engine has several series of each of the node's metrics, which differ in the label job: "" and "b"`},
		{"two clusters whose pods differ", container + "cluster=east: 10 20\n" + strings.Replace(container, "pod=p", "pod=q", 1) + "cluster=west: 11 21", "", "", Auto,
			`the engine has several series of each of the node's metrics, which differ in the label cluster: "east" and "west"`},
		{"a target that got another address", container + "instance=old: 10 20\n" + container + "instance=new: 30 40", "", "instance=new", Resource, ""},
		{"replicas", container + "replica=a: 10 20\n" + container + "replica=b: 11 21", "", "replica=b", Resource, ""},
		{"the replica that was read before", container + "replica=a: 10 20\n" + container + "replica=b: 11 21", "replica=a\n", "replica=a", Resource, ""},
		{"a replica that is behind", container + "replica=a: 10 20\n" + container + "replica=b: 11 60", "replica=a\n", "replica=b", Resource, ""},
		{"names that cAdvisor gives to a container", container + "id=/x name=x image=i cpu=total container_label_a=b: 10\n" +
			strings.Replace(container, "cpu_usage_seconds_total", "memory_working_set_bytes", 1) + "id=/x name=x image=i: 10", "", "", CAdvisor, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := seriesOf(t, &Selection{Labels: usualLabels, Replica: []string{"replica"}}, tt.series)
			got, err := a.nodes["n1"].choose(tt.before, 90_000)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if labels := strings.TrimSpace(got.labels + got.replica); labels != tt.want || got.endpoint != tt.endpoint {
				t.Errorf("copy %q of %v, want %q of %v", labels, got.endpoint, tt.want, tt.endpoint)
			}
		})
	}
}

// TestTooManyCopies has more copies than are kept, all replicas of one.
func TestTooManyCopies(t *testing.T) {
	var text strings.Builder
	for i := range maxCopies + 1 {
		text.WriteString("__name__=node_cpu_usage_seconds_total node=n1 replica=" + strings.Repeat("x", i+1) + ": 10\n")
	}
	a := seriesOf(t, &Selection{Labels: usualLabels, Replica: []string{"replica"}}, text.String())
	if _, err := a.nodes["n1"].choose("", 90_000); !errors.Is(err, errAmbiguous) {
		t.Errorf("error %v, want %v", err, errAmbiguous)
	}
}

// TestTooManyContainers has a node with more containers than are kept: nothing of it is read, and no more is kept.
func TestTooManyContainers(t *testing.T) {
	container := func(i int) string {
		return fmt.Sprintf("__name__=container_cpu_usage_seconds_total node=n1 namespace=ns pod=p%d container=c: 10\n", i)
	}
	var text strings.Builder
	for i := range maxSubjects {
		text.WriteString(container(i))
	}
	choose := func(more string) (*seriesCopy, error) {
		n := seriesOf(t, &Selection{Labels: usualLabels}, text.String()+more).nodes["n1"]
		if kept := len(n.copies[0].containers); kept != maxSubjects {
			t.Errorf("%d containers are kept, want %d", kept, maxSubjects)
		}
		return n.choose("", 90_000)
	}
	if _, err := choose(strings.Replace(container(0), "cpu_usage_seconds_total", "memory_working_set_bytes", 1)); err != nil {
		t.Errorf("as many as are kept: %v", err)
	}
	if _, err := choose(container(maxSubjects) + container(maxSubjects+1)); !errors.Is(err, errTooLarge) {
		t.Errorf("one more: error %v, want %v", err, errTooLarge)
	}
}

// TestTooManyTargets has a node with more targets than are kept: those that come later are left out.
func TestTooManyTargets(t *testing.T) {
	var text strings.Builder
	for i := range maxTargets + 5 {
		fmt.Fprintf(&text, "__name__=up node=n1 instance=i%d: 10\n", i)
	}
	if kept := len(seriesOf(t, &Selection{Labels: usualLabels}, text.String()).nodes["n1"].up); kept != maxTargets {
		t.Errorf("%d targets are kept, want %d", kept, maxTargets)
	}
}
