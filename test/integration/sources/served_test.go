package sources

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// tolerance is how far a CPU rate may be off. The loads of two clusters are much further apart.
const tolerance = 0.03

// lists are all that is served of a cluster.
type lists struct {
	nodes []metricsv1.NodeMetrics
	pods  []metricsv1.PodMetrics
}

func readV1(ctx context.Context, client metricsclient.Interface) (lists, error) {
	nodes, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return lists{}, fmt.Errorf("list the nodes: %w", err)
	}
	pods, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return lists{}, fmt.Errorf("list the pods: %w", err)
	}
	return lists{nodes.Items, pods.Items}, nil
}

// readV1beta1 is readV1 through the other version, which differs in name alone.
func readV1beta1(ctx context.Context, client metricsclient.Interface) (a lists, err error) {
	nodes, err := client.MetricsV1beta1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return lists{}, fmt.Errorf("list the nodes: %w", err)
	}
	pods, err := client.MetricsV1beta1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return lists{}, fmt.Errorf("list the pods: %w", err)
	}
	if err := convert(nodes.Items, &a.nodes); err != nil {
		return lists{}, err
	}
	return a, convert(pods.Items, &a.pods)
}

func convert(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

// allServed wants every node and every pod of a fleet, and all of their values to be true.
func allServed(ctx context.Context, client metricsclient.Interface, f *fleet.Fleet) error {
	a, err := readV1(ctx, client)
	if err != nil {
		return err
	}
	return a.are(f)
}

func (a lists) are(f *fleet.Fleet) error {
	if want := len(f.Nodes()); len(a.nodes) != want {
		return fmt.Errorf("%d nodes are served, want %d", len(a.nodes), want)
	}
	if want := len(f.Pods()); len(a.pods) != want {
		return fmt.Errorf("%d pods are served, want %d", len(a.pods), want)
	}
	return a.areTrue(f)
}

// areTrue wants all served values to be the fleet's.
func (a lists) areTrue(f *fleet.Fleet) error {
	for _, n := range a.nodes {
		cores, bytes, ok := f.NodeTruth(n.Name)
		if err := near(n.Usage, cores, bytes); err != nil || !ok {
			return fmt.Errorf("node %s (real: %t): %w", n.Name, ok, err)
		}
	}
	for _, p := range a.pods {
		if len(p.Containers) != 2 {
			return fmt.Errorf("pod %s is served with %d containers, want 2", p.Name, len(p.Containers))
		}
		for _, c := range p.Containers {
			cores, bytes, ok := f.Truth(p.Namespace, p.Name, c.Name)
			if err := near(c.Usage, cores, bytes); err != nil || !ok {
				return fmt.Errorf("container %s of %s (real: %t): %w", c.Name, p.Name, ok, err)
			}
		}
	}
	return nil
}

func near(served corev1.ResourceList, cores float64, bytes uint64) error {
	if got := served.Cpu().AsApproximateFloat64(); math.Abs(got-cores) > tolerance*cores {
		return fmt.Errorf("it uses %.4f cores by Plimsoll, %.4f in truth", got, cores)
	}
	if got := served.Memory().Value(); got != int64(bytes) {
		return fmt.Errorf("it uses %d bytes by Plimsoll, %d in truth", got, bytes)
	}
	return nil
}

// oldest is the age of the oldest usage when it was requested. It wants so many nodes.
func oldest(ctx context.Context, client metricsclient.Interface, nodes int) (age time.Duration, err error) {
	requested := time.Now()
	list, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0, fmt.Errorf("list the nodes: %w", err)
	}
	if len(list.Items) != nodes {
		return 0, fmt.Errorf("%d nodes are served, want %d", len(list.Items), nodes)
	}
	for _, n := range list.Items {
		age = max(age, requested.Sub(n.Timestamp.Time))
	}
	return age, nil
}

// fresh wants so many nodes, and no usage that is older than most.
func fresh(ctx context.Context, client metricsclient.Interface, nodes int, most time.Duration) error {
	age, err := oldest(ctx, client, nodes)
	if err == nil && age > most {
		err = fmt.Errorf("the oldest usage is %s old, want at most %s", age, most)
	}
	return err
}
