package source

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// clientOf is a client of a server itself, below a path, which is empty for the home cluster.
func clientOf(t *testing.T, server *cluster.Server, below string) metricsclient.Interface {
	t.Helper()
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	config.Host += below
	config.QPS = -1
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// figures are what a comparison with a fleet found.
type figures struct {
	containers int
	// worst is by how much the rate of a container or node is off at the most, in parts of the true one; oldest is the oldest usage.
	worst  float64
	oldest time.Duration
}

func (s *figures) String() string {
	return fmt.Sprintf("%d containers, none is missing, the worst rate is off by %.2f %%, the oldest usage is %.1f s old", s.containers, 100*s.worst, s.oldest.Seconds())
}

// allRight compares all usage with a fleet's. What is missing, or off by more than the tolerance, is an error.
func allRight(ctx context.Context, client metricsclient.Interface, f *fleet.Fleet) (*figures, error) {
	seen := &figures{}
	list, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return seen, fmt.Errorf("list the pods: %w", err)
	}
	served := map[string]*metricsv1.PodMetrics{}
	for i := range list.Items {
		served[list.Items[i].Namespace+"/"+list.Items[i].Name] = &list.Items[i]
	}
	truth := f.Pods()
	if len(served) != len(truth) {
		return seen, fmt.Errorf("%d pods are served, and %d run", len(served), len(truth))
	}
	for _, p := range truth {
		if err := seen.pod(served[p.Namespace+"/"+p.Name], p); err != nil {
			return seen, fmt.Errorf("pod %s/%s on %s: %w", p.Namespace, p.Name, p.Node, err)
		}
	}
	return seen, seen.nodes(ctx, client, f)
}

func (s *figures) pod(served *metricsv1.PodMetrics, truth fleet.PodTruth) error {
	if served == nil || len(served.Containers) != len(truth.Containers) {
		return fmt.Errorf("it is not served with %d containers: %v", len(truth.Containers), served)
	}
	usage := map[string]metricsv1.ContainerMetrics{}
	for _, c := range served.Containers {
		usage[c.Name] = c
	}
	for _, c := range truth.Containers {
		got := usage[c.Name].Usage
		if err := s.compare(got.Cpu().AsApproximateFloat64(), c.CPU, got.Memory().Value(), c.Memory); err != nil {
			return fmt.Errorf("container %s at %s, window %s: %w", c.Name, served.Timestamp.Format(time.TimeOnly), served.Window.Duration, err)
		}
		s.containers++
	}
	s.oldest = max(s.oldest, time.Since(served.Timestamp.Time))
	return nil
}

func (s *figures) nodes(ctx context.Context, client metricsclient.Interface, f *fleet.Fleet) error {
	list, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the nodes: %w", err)
	}
	if len(list.Items) != len(f.Nodes()) {
		return fmt.Errorf("%d nodes are served, and %d exist", len(list.Items), len(f.Nodes()))
	}
	for _, n := range list.Items {
		cores, bytes, _ := f.NodeTruth(n.Name)
		if err := s.compare(n.Usage.Cpu().AsApproximateFloat64(), cores, n.Usage.Memory().Value(), bytes); err != nil {
			return fmt.Errorf("node %s: %w", n.Name, err)
		}
		s.oldest = max(s.oldest, time.Since(n.Timestamp.Time))
	}
	return nil
}

func (s *figures) compare(cores, trueCores float64, memory int64, trueMemory uint64) error {
	far := math.Abs(cores-trueCores) / trueCores
	if far > tolerance {
		return fmt.Errorf("it uses %.4f cores by Plimsoll, %.4f in truth", cores, trueCores)
	}
	if memory != int64(trueMemory) {
		return fmt.Errorf("it uses %d bytes by Plimsoll, %d in truth", memory, trueMemory)
	}
	s.worst = max(s.worst, far)
	return nil
}

// becomeRight waits until all usage is a fleet's.
func becomeRight(t *testing.T, client metricsclient.Interface, f *fleet.Fleet) (seen *figures) {
	t.Helper()
	poll.Eventually(t, servedWithin, func(ctx context.Context) (err error) {
		seen, err = allRight(ctx, client, f)
		return err
	})
	return seen
}
