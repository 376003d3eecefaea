package cluster

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder records the calls that the cluster makes for its nodes.
type recorder struct {
	mu    sync.Mutex
	nodes map[string]*Node
	calls []string
}

func (r *recorder) Set(n *Node) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nodes[n.Name] = n
	r.calls = append(r.calls, "set "+n.Name)
}

func (r *recorder) Remove(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.nodes, name)
	r.calls = append(r.calls, "remove "+name)
}

func (r *recorder) has(call string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.calls, call)
}

// follow starts a cluster and ends it with the test.
func follow(t *testing.T, client kubernetes.Interface, selector labels.Selector) (*Cluster, *recorder) {
	t.Helper()
	r := &recorder{nodes: map[string]*Node{}}
	c := New(client, selector, r, Options{})
	start(t, c)
	return c, r
}

// start starts a cluster, waits until it is synced, and ends it with the test.
func start(t *testing.T, c *Cluster) {
	t.Helper()
	if c.Synced() {
		t.Error("synced before the start")
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := c.Start(ctx); err != nil {
			t.Errorf("Start: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	await(t, "the first list", c.Synced)
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), time.Millisecond, time.Minute, true,
		func(context.Context) (bool, error) { return done(), nil })
	if err != nil {
		t.Fatalf("waited in vain for %s", what)
	}
}

func fullNode(name string, l map[string]string) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: "u", Labels: l, Annotations: map[string]string{"large": "value", PathAnnotation: "/path"}},
		Spec:       corev1.NodeSpec{PodCIDR: "10.0.0.0/24"},
		Status: corev1.NodeStatus{
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}},
			Capacity:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi"), corev1.ResourcePods: resource.MustParse("110")},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeDiskPressure}, {Type: corev1.NodeReady, Status: corev1.ConditionTrue, Message: "long"}},
			NodeInfo:   corev1.NodeSystemInfo{BootID: "b", KernelVersion: "6"},
			Images:     []corev1.ContainerImage{{Names: []string{"image"}}},
		},
	}
	n.Status.DaemonEndpoints.KubeletEndpoint.Port = 10250
	return n
}

func equalLabels() cmp.Option { return cmp.Comparer(func(a, b Labels) bool { return a == b }) }

func TestNodesAreFollowed(t *testing.T) {
	client := fake.NewClientset(fullNode("n1", nil), fullNode("n2", nil))
	awaitWatch := watched(t, client, "nodes")
	c, r := follow(t, client, labels.Everything())
	want := &Node{
		Name: "n1", UID: "u", Boot: "b", Ready: true, MetricsPath: "/path", KubeletPort: 10250, CPU: 4e9, Memory: 8 << 30,
		Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}},
	}
	got, _ := c.Nodes().Get("n1")
	if diff := cmp.Diff(want, got, equalLabels(), cmpopts.IgnoreFields(Node{}, "Usage")); diff != "" {
		t.Errorf("node n1 (-want +got):\n%s", diff)
	}
	if got.Usage == nil {
		t.Error("node n1 has no cell")
	}
	if got := len(nodesOf(t, c.Nodes(), labels.Everything())); got != 2 || !r.has("set n1") || !r.has("set n2") {
		t.Errorf("%d nodes are listed, calls: %v", got, r.calls)
	}
	awaitWatch()
	if err := client.CoreV1().Nodes().Delete(t.Context(), "n2", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, "the removal of n2", func() bool { return r.has("remove n2") })
	if _, ok := c.Nodes().Get("n2"); ok {
		t.Error("n2 is still there")
	}
}

func TestOnlySelectedNodesAreFollowed(t *testing.T) {
	client := fake.NewClientset(fullNode("in", map[string]string{"zone": "a"}), fullNode("out", map[string]string{"zone": "b"}))
	c, r := follow(t, client, labels.SelectorFromSet(labels.Set{"zone": "a"}))
	if got := nodesOf(t, c.Nodes(), labels.Everything()); len(got) != 1 || got[0].Name != "in" || r.has("set out") {
		t.Errorf("followed %v", r.calls)
	}
}

func TestPodsAreFollowed(t *testing.T) {
	idle := fullPod("ns", "done", "n2")
	idle.Status.Phase = corev1.PodSucceeded
	client := fake.NewClientset(fullPod("ns", "p", "n1"), fullPod("other", "p", "n1"), idle)
	awaitWatch := watched(t, client, "pods")
	c, _ := follow(t, client, labels.Everything())
	pods := c.Pods()
	count := func(namespace string) int { return len(podsOf(t, pods, namespace, labels.Everything())) }
	if all, ns, none := count(""), count("ns"), count("none"); all != 3 || ns != 2 || none != 0 {
		t.Errorf("listed %d in all, %d in ns and %d in none, want 3, 2 and 0", all, ns, none)
	}
	if p, ok := pods.Get("other", "p"); !ok || p.Node != "n1" {
		t.Errorf("got %v, %t", p, ok)
	}
	if !pods.Running("n1") || pods.Running("n2") || pods.Running("n3") {
		t.Error("pods run on n1 and nowhere else")
	}
	awaitWatch()
	for _, namespace := range []string{"ns", "other"} {
		if err := client.CoreV1().Pods(namespace).Delete(t.Context(), "p", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "the end of the pods on n1", func() bool { return !pods.Running("n1") })
	if _, ok := pods.Get("ns", "p"); ok {
		t.Error("a deleted pod is still there")
	}
}

// TestPodsAreListedAfter holds the list of pods back until the nodes are known and what has to go first is done.
func TestPodsAreListedAfter(t *testing.T) {
	client := fake.NewClientset(fullNode("n1", nil), fullPod("ns", "p", "n1"))
	r := &recorder{nodes: map[string]*Node{}}
	c := New(client, labels.Everything(), r, Options{})
	waits, release := make(chan bool), make(chan struct{})
	c.PodsAfter(func(context.Context) {
		waits <- r.has("set n1")
		<-release
	})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = c.Start(ctx) }) // It ends with the test.
	defer func() { cancel(); wg.Wait() }()
	if !<-waits {
		t.Error("the nodes are not known yet")
	}
	listed := func() bool {
		return slices.ContainsFunc(client.Actions(), func(a clienttesting.Action) bool { return a.GetResource().Resource == "pods" })
	}
	if listed() || c.Synced() {
		t.Error("the pods were not held back")
	}
	close(release)
	await(t, "the pods", c.Synced)
	if _, ok := c.Pods().Get("ns", "p"); !ok || !listed() {
		t.Error("the pod is not there")
	}
}
