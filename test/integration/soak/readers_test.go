package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// reader is a client that reads again and again.
type reader struct {
	name string
	// every is the time from the begin of one read to the begin of the next.
	every time.Duration
	read  func(ctx context.Context, r *rand.Rand) error
	part  uint64
	count atomic.Int64
}

// patience is how long a read may take.
const patience = 30 * time.Second

// follow reads until ctx ends. A read that has begun ends by itself.
func (r *reader) follow(ctx context.Context, t *testing.T) {
	random, failed := size.random(100+r.part), 0
	every(ctx, r.every, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		err := r.read(ctx, random)
		if r.count.Add(1); err == nil {
			return
		}
		if failed++; failed <= reported {
			t.Errorf("reader %s: %v", r.name, err)
		}
	})
	t.Logf("reader %s: %d reads, %d failed", r.name, r.count.Load(), failed)
}

// readers are clients of every kind: through the API server and without it, in all formats.
func readers(t *testing.T, v *verdict) []*reader {
	t.Helper()
	direct, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	through, raw := typed(t, env.AdminConfig(), ""), newRaw(t, env.AdminConfig(), v)
	protobuf, rawDirect := typed(t, direct, "application/vnd.kubernetes.protobuf"), newRaw(t, direct, v)
	all := []*reader{
		{name: "nodes", every: time.Second, read: listNodes(through, v)},
		{name: "all pods", every: size.resolution, read: listPods(through, v, everything)},
		{name: "all pods as protobuf", every: size.resolution, read: listPods(protobuf, v, everything)},
		{name: "a namespace", every: 3 * time.Second, read: listPods(protobuf, v, oneNamespace)},
		{name: "a workload", every: 500 * time.Millisecond, read: listPods(through, v, oneWorkload)},
		{name: "a field selector", every: time.Second, read: listPods(through, v, oneName)},
		{name: "one pod", every: 100 * time.Millisecond, read: getPod(through, v)},
		{name: "one node", every: 250 * time.Millisecond, read: getNode(protobuf, v)},
		{name: "tables", every: 2 * time.Second, read: raw.table},
		{name: "the older version", every: 2 * time.Second, read: raw.older},
		{name: "a slow reader", every: 10 * time.Second, read: rawDirect.slowly},
		{name: "a burst", every: 20 * time.Second, read: burst(through, v)},
	}
	for i, r := range all {
		r.part = uint64(i)
	}
	return all
}

func typed(t *testing.T, config *rest.Config, contentType string) metricsclient.Interface {
	t.Helper()
	c := rest.CopyConfig(config)
	c.QPS, c.ContentType = -1, contentType
	client, err := metricsclient.NewForConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func listNodes(client metricsclient.Interface, v *verdict) func(context.Context, *rand.Rand) error {
	return func(ctx context.Context, _ *rand.Rand) error {
		list, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		v.answer()
		v.nodes("nodes", list.Items)
		return nil
	}
}

// request draws a namespace, a selector and what the name of each returned pod must be; empty for any.
type request func(r *rand.Rand) (namespace string, options metav1.ListOptions, name string)

func everything(*rand.Rand) (namespace string, options metav1.ListOptions, name string) { return }

func oneNamespace(r *rand.Rand) (namespace string, options metav1.ListOptions, name string) {
	return fmt.Sprintf("team-%d", r.IntN(10)), options, ""
}

func oneWorkload(r *rand.Rand) (namespace string, options metav1.ListOptions, name string) {
	workloads := []string{"workload-0", "churn", "none"}
	return fmt.Sprintf("team-%d", r.IntN(10)), metav1.ListOptions{LabelSelector: cluster.LabelWorkload + "=" + workloads[r.IntN(3)]}, ""
}

func oneName(r *rand.Rand) (namespace string, options metav1.ListOptions, name string) {
	_, name = drawnPod(r)
	return "", metav1.ListOptions{FieldSelector: "metadata.name=" + name}, name
}

// drawnPod is one of the pods that always run.
func drawnPod(r *rand.Rand) (namespace, name string) {
	node, pod := r.IntN(size.nodes), r.IntN(size.pods)
	return fmt.Sprintf("team-%d", (node+pod)%10), fmt.Sprintf("%s-%03d", fleet.NodeName("node", node), pod)
}

func listPods(client metricsclient.Interface, v *verdict, draw request) func(context.Context, *rand.Rand) error {
	return func(ctx context.Context, r *rand.Rand) error {
		namespace, options, name := draw(r)
		list, err := client.MetricsV1().PodMetricses(namespace).List(ctx, options)
		if err != nil {
			return err
		}
		v.answer()
		v.pods(fmt.Sprintf("pods of namespace %q, selected by %q and %q", namespace, options.LabelSelector, options.FieldSelector), list.Items)
		for _, p := range list.Items {
			if namespace != "" && p.Namespace != namespace || name != "" && p.Name != name ||
				options.LabelSelector != "" && cluster.LabelWorkload+"="+p.Labels[cluster.LabelWorkload] != options.LabelSelector {
				return fmt.Errorf("pod %s/%s with labels %v is none that was selected: %q, %+v", p.Namespace, p.Name, p.Labels, namespace, options)
			}
		}
		return nil
	}
}

func getPod(client metricsclient.Interface, v *verdict) func(context.Context, *rand.Rand) error {
	return func(ctx context.Context, r *rand.Rand) error {
		namespace, name := drawnPod(r)
		pod, err := client.MetricsV1().PodMetricses(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return unlessNotFound(err)
		}
		v.answer()
		v.pods("one pod", []podMetrics{*pod})
		return nil
	}
}

func getNode(client metricsclient.Interface, v *verdict) func(context.Context, *rand.Rand) error {
	return func(ctx context.Context, r *rand.Rand) error {
		node, err := client.MetricsV1().NodeMetricses().Get(ctx, fleet.NodeName("node", r.IntN(size.nodes)), metav1.GetOptions{})
		if err != nil {
			return unlessNotFound(err)
		}
		v.answer()
		v.nodes("one node", []nodeMetrics{*node})
		return nil
	}
}

// unlessNotFound is nil for 404, which is returned where a kubelet has failed for long.
func unlessNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// atOnce is how many reads make a burst.
const atOnce = 50

// burst lists namespaces at once.
func burst(client metricsclient.Interface, v *verdict) func(context.Context, *rand.Rand) error {
	read := listPods(client, v, oneNamespace)
	return func(ctx context.Context, r *rand.Rand) error {
		results := make(chan error, atOnce)
		for range atOnce {
			own := rand.New(rand.NewPCG(r.Uint64(), 0))
			go func() { results <- read(ctx, own) }()
		}
		var errs []error
		for range atOnce {
			errs = append(errs, <-results)
		}
		return errors.Join(errs...)
	}
}
