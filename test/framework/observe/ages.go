package observe

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// Ages observes how old the usage of all nodes of the fleet is, and of their pods, but of some nodes: those that attack. One that is without usage is
// a failure.
func Ages(c *cluster.Cluster, except ...string) Observer {
	return Observer{Name: "usage of the other nodes", Every: 500 * time.Millisecond, Observe: func(ctx context.Context, o *Observation) error {
		age, err := Oldest(ctx, c, Patience*10, except...)
		o.NoteAge(age)
		return err
	}}
}

// Oldest returns the age of the oldest usage of a node of the fleet, or of a pod there, but of some nodes. One that has none, or usage older than
// limit, is an error. The kubelets read on demand by default, so that the age is the time since the scrape.
func Oldest(ctx context.Context, c *cluster.Cluster, limit time.Duration, except ...string) (age time.Duration, err error) {
	times, err := timestamps(ctx, c.Metrics)
	if err != nil {
		return 0, err
	}
	for _, name := range expected(c, except) {
		at, served := times[name]
		if !served || time.Since(at) > limit {
			return age, fmt.Errorf("%s has usage of %s (served: %t)", name, at.Format(time.TimeOnly), served)
		}
		age = max(age, time.Since(at))
	}
	return age, nil
}

// expected are the names of nodes and pods, as timestamps has them.
func expected(c *cluster.Cluster, except []string) (names []string) {
	for _, node := range c.Fleet.Nodes() {
		if !slices.Contains(except, node) {
			names = append(names, node)
		}
	}
	for _, pod := range c.Fleet.Pods() {
		if !slices.Contains(except, pod.Node) {
			names = append(names, pod.Namespace+"/"+pod.Name)
		}
	}
	return names
}

// timestamps are those of all usage: by the name of a node, or the namespace and the name of a pod.
func timestamps(ctx context.Context, client metricsclient.Interface) (map[string]time.Time, error) {
	nodes, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the nodes: %w", err)
	}
	pods, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the pods: %w", err)
	}
	times := make(map[string]time.Time, len(nodes.Items)+len(pods.Items))
	for _, n := range nodes.Items {
		times[n.Name] = n.Timestamp.Time
	}
	for _, p := range pods.Items {
		times[p.Namespace+"/"+p.Name] = p.Timestamp.Time
	}
	return times, nil
}
