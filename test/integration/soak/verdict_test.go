package soak

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/plimsoll/plimsoll/test/framework/report"
	"github.com/plimsoll/plimsoll/test/framework/truth"
)

// reported is how many errors of a kind are printed.
const reported = 10

// verdict compares what clients read with what the kubelets had. It is safe for concurrent use.
type verdict struct {
	mu sync.Mutex
	// lying is until when what is served of a node is not compared.
	lying map[string]time.Time
	// answers, compared and lied count responses, the nodes and pods that were compared, and those that were not because their node lies.
	answers, compared, lied int
	// wrong are the nodes and pods that were served with wrong values, wrongs how often in all.
	wrong  map[string]*mistake
	wrongs int
}

// mistake is the first error about a node or pod, and how many there are.
type mistake struct {
	first error
	times int
}

// lies marks a node whose false values may be served until then.
func (v *verdict) lies(node string, until time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lying == nil {
		v.lying = map[string]time.Time{}
	}
	v.lying[node] = until
}

func (v *verdict) answer() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers++
}

func (v *verdict) pods(source string, items []metricsv1.PodMetrics) {
	for i := range items {
		node, err := truth.Pod(env.Fleet, &items[i])
		v.note(source, items[i].Namespace+"/"+items[i].Name, node, err)
	}
}

func (v *verdict) nodes(source string, items []metricsv1.NodeMetrics) {
	for i := range items {
		v.note(source, items[i].Name, items[i].Name, truth.Node(env.Fleet, &items[i]))
	}
}

// note counts a comparison of a subject, which is a node or a pod, with what a node had.
func (v *verdict) note(source, subject, node string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if time.Now().Before(v.lying[node]) {
		v.lied++
		return
	}
	v.compared++
	if err == nil {
		return
	}
	v.wrongs++
	if v.wrong == nil {
		v.wrong = map[string]*mistake{}
	}
	if v.wrong[subject] == nil {
		v.wrong[subject] = &mistake{first: fmt.Errorf("%s at %s: %w", source, time.Now().UTC().Format(time.TimeOnly), err)}
	}
	v.wrong[subject].times++
}

// report fails the test where a value was wrong, or none was compared.
func (v *verdict) report(t *testing.T) {
	t.Helper()
	t.Logf("%d answers, in which the values of %d nodes and pods were compared; %d more were of nodes that lie", v.answers, v.compared, v.lied)
	report.Add(t, report.Row{Table: table, Name: "nodes and pods in the answers", Figures: []report.Figure{
		{Heading: "in all", Value: float64(v.compared + v.lied)},
		{Heading: "compared with the kubelets", Value: float64(v.compared)},
		{Heading: "with other values than the kubelets had", Value: float64(v.wrongs)},
	}})
	printed := 0
	for subject, wrong := range v.wrong {
		if printed++; printed <= reported {
			t.Errorf("%s was served %d times with values that it did not have, for the first time in %v", subject, wrong.times, wrong.first)
		}
	}
	if v.wrongs > 0 {
		t.Errorf("%d nodes and pods were served %d times with values that they did not have", len(v.wrong), v.wrongs)
	}
	if least := 10 * size.nodes * size.pods; v.compared < least {
		t.Errorf("%d nodes and pods were compared, want at least %d", v.compared, least)
	}
}

// complete is an error unless every node and every pod is served.
func (v *verdict) complete(ctx context.Context) error {
	nodes, err := env.Metrics.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the nodes: %w", err)
	}
	pods, err := env.Metrics.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the pods: %w", err)
	}
	if running := env.Fleet.Running(); len(nodes.Items) != size.nodes || len(pods.Items) != running {
		return fmt.Errorf("%d of %d nodes and %d of %d pods are served", len(nodes.Items), size.nodes, len(pods.Items), running)
	}
	for _, n := range nodes.Items {
		if age := time.Since(n.Timestamp.Time); age > size.resolution+20*time.Second {
			return fmt.Errorf("the usage of node %s is %s old", n.Name, age)
		}
	}
	return nil
}
