package clients

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	"sigs.k8s.io/yaml"
)

// TestGet has kubectl print the objects as tables and in pages.
func TestGet(t *testing.T) {
	k := newKubectl(t)
	for _, args := range []string{"", "-o wide", "--chunk-size=7", "--chunk-size=1 -o wide"} {
		t.Run("podmetrics "+args, func(t *testing.T) {
			rows := k.table(t, append([]string{"get", "podmetrics", "-A"}, strings.Fields(args)...))
			checkRows(t, rows, expectedPods(everyPod), inRow(""), "CPU", "MEMORY")
			checkWindows(t, rows)
			if strings.Contains(args, "wide") {
				checkWide(t, rows)
			}
		})
		t.Run("nodemetrics "+args, func(t *testing.T) {
			rows := k.table(t, append([]string{"get", "nodemetrics"}, strings.Fields(args)...))
			checkNodeRows(t, rows, env.Fleet.Nodes(), [2]string{"CPU", "MEMORY"})
			checkWindows(t, rows)
		})
	}
	t.Run("by selectors", func(t *testing.T) {
		rows := k.table(t, []string{"get", "podmetrics", "-A", "-l", "app in (populated)", "--field-selector=metadata.namespace=team-1"})
		checkRows(t, rows, expectedPods(inNamespace("team-1")), inRow(""), "CPU", "MEMORY")
	})
	t.Run("versions", func(t *testing.T) {
		for _, version := range []string{"v1", "v1beta1"} {
			rows := k.table(t, []string{"get", "pods." + version + ".metrics.k8s.io", "-n", "team-1"})
			checkRows(t, rows, expectedPods(inNamespace("team-1")), inRow("team-1"), "CPU", "MEMORY")
		}
	})
}

// checkWide wants the node and the containers, such as "app:12m/64Mi,proxy:1m/8Mi", of each row of a pod.
func checkWide(t *testing.T, rows []map[string]string) {
	t.Helper()
	pods := expectedPods(everyPod)
	var containers []map[string]string
	for _, row := range rows {
		if want := pods[inRow("")(row)].node; row["NODE"] != want {
			t.Errorf("%s is on node %q, want %q", row["NAME"], row["NODE"], want)
		}
		for text := range strings.SplitSeq(row["CONTAINERS"], ",") {
			name, usage, _ := strings.Cut(text, ":")
			cpu, memory, _ := strings.Cut(usage, "/")
			containers = append(containers, map[string]string{"NAMESPACE": row["NAMESPACE"], "POD": row["NAME"], "NAME": name, "CPU": cpu, "MEMORY": memory})
		}
	}
	checkRows(t, containers, expectedContainers(everyPod), inRow(""), "CPU", "MEMORY")
}

// checkWindows wants the window of each row to be as long as between two scrapes, or some.
func checkWindows(t *testing.T, rows []map[string]string) {
	t.Helper()
	for _, row := range rows {
		window, err := time.ParseDuration(row["WINDOW"])
		if err != nil || window <= 0 || window > servedWithin {
			t.Errorf("window %q of %s: %v", row["WINDOW"], row["NAME"], err)
		}
	}
}

// TestGetObjects has kubectl print whole objects.
func TestGetObjects(t *testing.T) {
	k := newKubectl(t)
	for format, unmarshal := range map[string]func([]byte, any) error{
		"yaml": func(text []byte, to any) error { return yaml.UnmarshalStrict(text, to) }, "json": json.Unmarshal,
	} {
		t.Run(format, func(t *testing.T) {
			var pods metricsv1.PodMetricsList
			if err := unmarshal([]byte(k.run(t, "get", "podmetrics", "-A", "-o", format)), &pods); err != nil {
				t.Fatal(err)
			}
			checkObjects(t, pods.Items)
			var node metricsv1.NodeMetrics
			if err := unmarshal([]byte(k.run(t, "get", "nodemetrics", "node-0002", "-o", format)), &node); err != nil {
				t.Fatal(err)
			}
			e, usage := expectedNode("node-0002"), node.Usage
			if err := e.check(fmt.Sprint(usage.Cpu().MilliValue(), "m"), fmt.Sprint(usage.Memory().Value()>>20, "Mi")); err != nil || node.Window.Duration <= 0 {
				t.Errorf("node %+v: %v", node, err)
			}
		})
	}
}

// checkObjects compares each container of pods with the truth.
func checkObjects(t *testing.T, pods []metricsv1.PodMetrics) {
	t.Helper()
	for _, p := range pods {
		if age := time.Since(p.Timestamp.Time); age > servedWithin || p.Window.Duration <= 0 {
			t.Errorf("pod %s/%s has an age of %s and a window of %s", p.Namespace, p.Name, age, p.Window.Duration)
		}
	}
	if err := comparePods(pods); err != nil {
		t.Error(err)
	}
}

// TestExplain has kubectl describe the kinds.
func TestExplain(t *testing.T) {
	k := newKubectl(t)
	for _, tt := range []struct{ field, want string }{
		{"podmetrics", "containers"},
		{"podmetrics.containers.usage", "usage"},
		{"nodemetrics", "window"},
		{"nodemetrics.timestamp", "timestamp"},
		{"podmetrics --api-version=metrics.k8s.io/v1beta1", "containers"},
	} {
		t.Run(tt.field, func(t *testing.T) {
			text := k.run(t, append([]string{"explain"}, strings.Fields(tt.field)...)...)
			for _, want := range []string{tt.want, "metrics.k8s.io", "DESCRIPTION:"} {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			if strings.Contains(text, "<empty>") {
				t.Errorf("no description in\n%s", text)
			}
		})
	}
}

// TestAPIResources has kubectl list the resources of the group.
func TestAPIResources(t *testing.T) {
	text := newKubectl(t).run(t, "api-resources", "--api-group=metrics.k8s.io", "-o", "wide", "--no-headers")
	var kinds []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		at := slices.Index(words, "metrics.k8s.io/v1")
		if at < 0 || len(words) < at+4 {
			t.Fatalf("line %q", line)
		}
		for _, verb := range []string{"get", "list"} {
			if !slices.Contains(strings.Split(words[at+3], ","), verb) {
				t.Errorf("no verb %s in %q", verb, line)
			}
		}
		kinds = append(kinds, strings.Join([]string{words[0], words[at+1], words[at+2]}, " "))
	}
	slices.SortFunc(kinds, cmp.Compare[string])
	if diff := gocmp.Diff([]string{"nodes false NodeMetrics", "pods true PodMetrics"}, kinds); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

// TestGetMissing has kubectl say why a pod has no usage.
func TestGetMissing(t *testing.T) {
	_, err := env.Run(context.WithoutCancel(t.Context()), "", "get", "podmetrics", "-n", "team-1", "none")
	if err == nil || !strings.Contains(err.Error(), "NotFound") {
		t.Errorf("error %v, want NotFound", err)
	}
}
