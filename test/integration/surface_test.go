package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestKubectl runs the commands of users.
func TestKubectl(t *testing.T) {
	namespace, pod := onePod("node-0077")
	tests := []struct {
		command string
		// rows is how many lines follow the heading; -1 for any number.
		rows int
		// want are parts of the output.
		want []string
	}{
		{"top nodes", nodes, []string{"NAME", "CPU(%)", "node-0100"}},
		{"top node node-0077", 1, []string{"node-0077"}},
		{"top pods -A", -1, []string{"NAMESPACE", namespace, pod}},
		{"top pods -n team-3", 300, nil},
		{"top pods -n team-3 -l app=populated", 300, nil},
		{"top pods -n team-3 --containers", 600, []string{"app", "proxy"}},
		{"top pod " + pod + " -n " + namespace, 1, []string{pod}},
		{"top pod " + pod + " -n " + namespace + " --containers --use-protocol-buffers=false", 2, []string{"app", "proxy"}},
		{"get nodemetrics", nodes, []string{"CPU", "MEMORY", "WINDOW", "AGE"}},
		{"get nodemetrics node-0077", 1, []string{"node-0077"}},
		{"get podmetrics -n team-3", 300, []string{"CPU", "MEMORY", "WINDOW", "AGE"}},
		{"get podmetrics -A", -1, []string{"NAMESPACE", namespace, pod}},
		{"get podmetrics -A -o wide", -1, []string{"NODE", "CONTAINERS", "node-0077", "app:", ",proxy:"}},
		{"get pom -n team-3", 300, []string{"CPU"}},
		{"get nom", nodes, []string{"CPU"}},
		{"get resource-metrics -n team-3", -1, []string{"nodemetrics.metrics.k8s.io/node-0077", "podmetrics.metrics.k8s.io/"}},
		{"get podmetrics -n team-3 --sort-by=.containers[0].usage.memory", 300, []string{"WINDOW"}},
		{"get podmetrics -n team-3 --chunk-size=50", 300, []string{"WINDOW"}},
		{"get podmetrics.v1beta1.metrics.k8s.io -n team-3 -l app=populated", 300, nil},
		{"get podmetrics -n team-3 -l 'app in (populated, other), !none'", 300, nil},
		{"get podmetrics -n team-3 -l 'app in (populated," + manyWords(1000) + ")'", 300, nil},
		{"get podmetrics -A --field-selector spec.nodeName=node-0077", podsPerNode, []string{pod}},
		{"get podmetrics -n " + namespace + " --field-selector spec.nodeName=node-0077", 3, nil},
		{"get nodemetrics -l kubernetes.io/hostname=node-0077", 1, []string{"node-0077"}},
		{"get nodemetrics -l 'kubernetes.io/hostname in (node-0007, node-0077)'", 2, []string{"node-0007", "node-0077"}},
		{"explain podmetrics", -1, []string{"PodMetrics", "container by container", "such as 15s"}},
		{"explain podmetrics.containers.usage", -1, []string{"PodMetrics", "usage", "nanocores", "working set in bytes"}},
		{"explain nodemetrics.usage --api-version=metrics.k8s.io/v1beta1", -1, []string{"v1beta1", "nanocores", "working set in bytes"}},
		{"api-resources --api-group=metrics.k8s.io", 2, []string{"NodeMetrics", "PodMetrics", "metrics.k8s.io/v1 ", "nom ", "pom "}},
		{"api-resources --categories=resource-metrics", 2, []string{"NodeMetrics", "PodMetrics"}},
		{"get --raw /apis/metrics.k8s.io/v1/namespaces/team-3/pods?limit=2", -1, []string{`"continue":"`, `"remainingItemCount":298`}},
	}
	for _, tt := range tests {
		t.Run(tt.command[:min(len(tt.command), 100)], func(t *testing.T) {
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				out, err := env.Run(ctx, "", words(tt.command)...)
				if err != nil {
					return err
				}
				if got := strings.Count(out, "\n") - 1; tt.rows >= 0 && got != tt.rows {
					return fmt.Errorf("%d rows, want %d:\n%.500s", got, tt.rows, out)
				}
				flowing := strings.Join(strings.Fields(out), " ") // kubectl explain breaks its lines.
				for _, want := range tt.want {
					if !strings.Contains(flowing, want) {
						return fmt.Errorf("no %q in:\n%.500s", want, out)
					}
				}
				return nil
			})
		})
	}
}

// manyWords are so many distinct words with commas between them.
func manyWords(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint("w", i)
	}
	return strings.Join(all, ",")
}

// words splits a command as a shell does whose only quotes are single ones.
func words(command string) (all []string) {
	for i, part := range strings.Split(command, "'") {
		if i%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return all
}

// TestVersionsAgree reads the same object under both versions.
func TestVersionsAgree(t *testing.T) {
	namespace, name := onePod("node-0099")
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		a, err := env.Metrics.MetricsV1().PodMetricses(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		b, err := env.Metrics.MetricsV1beta1().PodMetricses(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if x, y := strip(a), strip(b); x != y {
			return fmt.Errorf("v1: %s\nv1beta1: %s", x, y)
		}
		return nil
	})
}

func strip[T metricsv1.PodMetrics | metricsv1beta1.PodMetrics](p *T) string {
	text, err := json.Marshal(p)
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(`"metrics.k8s.io/v1beta1"`, "", `"metrics.k8s.io/v1"`, "").Replace(string(text))
}

// TestObjectsHaveMetadata compares the metadata with that of the pod and the node.
func TestObjectsHaveMetadata(t *testing.T) {
	namespace, name := onePod("node-0088")
	pod, err := env.Client.CoreV1().Pods(namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := env.Metrics.MetricsV1().PodMetricses(namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.UID != pod.UID || !p.CreationTimestamp.Equal(&pod.CreationTimestamp) || p.Labels["app"] != "populated" || p.ResourceVersion == "" {
		t.Errorf("the metrics of %s/%s have %+v, the pod has %+v", namespace, name, p.ObjectMeta, pod.ObjectMeta)
	}
}

// TestPodWithoutUsageHasAReason requests a pod that never runs.
func TestPodWithoutUsageHasAReason(t *testing.T) {
	const stuck = `
apiVersion: v1
kind: Pod
metadata: {namespace: default, name: stuck}
spec:
  nodeSelector: {no: such-node}
  containers: [{name: app, image: "example.invalid/app:1"}]
`
	if _, err := env.Run(t.Context(), stuck, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "delete", "pod", "stuck", "--now") })
	poll.Eventually(t, 10*time.Second, func(ctx context.Context) error {
		out, err := env.Run(ctx, "", "get", "podmetrics", "stuck")
		if err == nil || !strings.Contains(err.Error(), "not bound to a node") {
			return fmt.Errorf("kubectl printed %q: %w", out, err)
		}
		return nil
	})
}

// TestDocumentsAreServed requests the documents of the API.
func TestDocumentsAreServed(t *testing.T) {
	config, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/livez?verbose":                     "livez check passed",
		"/readyz?verbose":                    "[+]first-numbers ok",
		"/healthz":                           "ok",
		"/version":                           "gitVersion",
		"/metrics":                           `plimsoll_nodes{cluster="",state="ok"} 100`,
		"/openapi/v2":                        "io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics",
		"/openapi/v3/apis/metrics.k8s.io/v1": "NodeMetrics",
		"/apis/metrics.k8s.io/v1beta1":       `"nodes"`,
	} {
		t.Run(path, func(t *testing.T) {
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				text, err := cluster.Fetch(ctx, config, path)
				if err != nil {
					return err
				}
				if !strings.Contains(text, want) {
					return fmt.Errorf("no %q in %.300q", want, text)
				}
				return nil
			})
		})
	}
}
