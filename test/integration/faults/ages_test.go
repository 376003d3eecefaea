package faults

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ages observes how old the metrics of the other nodes and their pods are.
func ages(attackers []string) observer {
	return observer{name: "metrics of the other nodes", every: 500 * time.Millisecond, observe: func(ctx context.Context, o *observation) error {
		age, err := oldest(ctx, attackers, patience*10)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.age = max(o.age, age)
		return err
	}}
}

// oldest returns the age of the oldest metrics of a node that does not attack, or of a pod there. One that has none, or older ones than
// limit, is an error. The kubelets read on demand, so that the age is the time since the scrape.
func oldest(ctx context.Context, attackers []string, limit time.Duration) (time.Duration, error) {
	times, err := nodeTimes(ctx)
	if err != nil {
		return 0, err
	}
	if err := podTimes(ctx, times); err != nil {
		return 0, err
	}
	var age time.Duration
	expected := map[string]bool{}
	for _, node := range env.Fleet.Nodes() {
		expected[node] = !slices.Contains(attackers, node)
	}
	for _, pod := range env.Fleet.Pods() {
		expected[pod.Namespace+"/"+pod.Name] = !slices.Contains(attackers, pod.Node)
	}
	for name, other := range expected {
		if !other {
			continue
		}
		at, served := times[name]
		if !served || time.Since(at) > limit {
			return age, fmt.Errorf("%s has metrics of %s (served: %t)", name, at.Format(time.TimeOnly), served)
		}
		age = max(age, time.Since(at))
	}
	return age, nil
}

func nodeTimes(ctx context.Context) (map[string]time.Time, error) {
	list, err := env.Metrics.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the nodes: %w", err)
	}
	times := map[string]time.Time{}
	for _, n := range list.Items {
		times[n.Name] = n.Timestamp.Time
	}
	return times, nil
}

func podTimes(ctx context.Context, times map[string]time.Time) error {
	list, err := env.Metrics.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the pods: %w", err)
	}
	for _, p := range list.Items {
		times[p.Namespace+"/"+p.Name] = p.Timestamp.Time
	}
	return nil
}
