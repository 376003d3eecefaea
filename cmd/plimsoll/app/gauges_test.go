package app

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/progress"
)

// fixedProgress is a collector that has come as far as its counts and goes no further.
type fixedProgress struct {
	Collector
	counts progress.Counts
}

func (p fixedProgress) Progress() progress.Counts { return p.counts }

func TestNodesGauge(t *testing.T) {
	home, west := progress.New(5), progress.New(2)
	home.Settled = 4
	home.Failing[cause.KubeletForbidden]++
	home.Failing[cause.NodeNoAddress]++
	west.Settled = 2
	registry := metrics.NewKubeRegistry()
	stacks := []*ClusterStack{{collector: fixedProgress{counts: home}}, {name: "west", collector: fixedProgress{counts: west}}}
	if err := registry.CustomRegister(clusterGauges(stacks)[0]); err != nil {
		t.Fatal(err)
	}
	want := `# HELP plimsoll_nodes [ALPHA] Nodes by state: ok, pending, or the reason of the failure.
# TYPE plimsoll_nodes gauge
plimsoll_nodes{cluster="",state="forbidden"} 1
plimsoll_nodes{cluster="",state="no_address"} 1
plimsoll_nodes{cluster="",state="ok"} 2
plimsoll_nodes{cluster="",state="pending"} 1
plimsoll_nodes{cluster="west",state="ok"} 2
plimsoll_nodes{cluster="west",state="pending"} 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}

// ignoreNodes is a node handler that does nothing.
type ignoreNodes struct{}

func (ignoreNodes) Set(*cluster.Node) {}
func (ignoreNodes) Remove(string)     {}

// TestPodsWithTooManyLabelsAreCounted has a pod with more labels than are kept.
func TestPodsWithTooManyLabelsAreCounted(t *testing.T) {
	large := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "large", Labels: map[string]string{"a": strings.Repeat("x", cluster.MaxLabelBytes)},
	}}
	c := cluster.New(fake.NewClientset(large), labels.Everything(), ignoreNodes{}, cluster.Options{})
	done := make(chan error, 1)
	go func() { done <- c.Start(t.Context()) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-c.PodsKnown()
	registry := metrics.NewKubeRegistry()
	if err := registry.CustomRegister(clusterGauges([]*ClusterStack{{name: "west", cluster: c}})[1]); err != nil {
		t.Fatal(err)
	}
	want := `# HELP plimsoll_pods_with_labels_left_out [ALPHA] Pods with more than 16 KiB of labels. They are served without labels, and no label selector selects them.
# TYPE plimsoll_pods_with_labels_left_out gauge
plimsoll_pods_with_labels_left_out{cluster="west"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "plimsoll_pods_with_labels_left_out"); err != nil {
		t.Error(err)
	}
}
