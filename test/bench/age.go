package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// observations is how often the ages are read in one resolution. It is not a multiple of a divisor of a second, so that the observations of
// different cycles fall on different moments of the cycle.
const observations = 3.3

// settleCycles is how long a server has to take notice of a change before its effect is measured.
const settleCycles = 2

func (s *subject) age(ctx context.Context) error {
	return s.ages(ctx, AgeMedian, AgeTail, nil)
}

// ageBesideHung has some nodes hang, and measures the age of the samples of all other nodes.
func (s *subject) ageBesideHung(ctx context.Context) (err error) {
	hung := s.cluster.Fleet.Nodes()[:s.options.Hung]
	if err := s.fault(hung, fleet.Hang()); err != nil {
		return err
	}
	defer func() {
		if cleared := s.fault(hung, fleet.Fault{}); err == nil {
			err = cleared
		}
	}()
	if err := pause(ctx, settleCycles*s.options.Resolution); err != nil {
		return err
	}
	return s.ages(ctx, HungMedian, HungTail, hung)
}

func (s *subject) fault(nodes []string, f fleet.Fault) error {
	for _, node := range nodes {
		if err := s.cluster.Fleet.SetFault(node, f); err != nil {
			return err
		}
	}
	return nil
}

// ages observes the age of all samples, but those of some nodes, again and again for some cycles.
func (s *subject) ages(ctx context.Context, median, tail Figure, without []string) error {
	skip := map[string]bool{}
	for _, node := range without {
		skip[node] = true
	}
	var ages []time.Duration
	length := time.Duration(s.options.Cycles) * s.options.Resolution
	every := time.Duration(float64(s.options.Resolution) / observations)
	for begin, next := time.Now(), time.Duration(0); next < length; next += every {
		if err := pause(ctx, time.Until(begin.Add(next))); err != nil {
			return err
		}
		seen, err := s.observe(ctx, skip)
		if err != nil {
			return err
		}
		ages = append(ages, seen...)
	}
	if len(ages) == 0 {
		return errors.New("no node and no pod had a sample")
	}
	s.result.Set(median, quantile(ages, 0.5).Seconds())
	s.result.Set(tail, quantile(ages, 0.99).Seconds())
	return nil
}

// observe returns the age of every node's and pod's sample at the moment of the request.
func (s *subject) observe(ctx context.Context, skip map[string]bool) (ages []time.Duration, err error) {
	now := time.Now()
	nodes, err := s.metrics.MetricsV1beta1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the nodes: %w", err)
	}
	for i := range nodes.Items {
		if !skip[nodes.Items[i].Name] {
			ages = append(ages, now.Sub(nodes.Items[i].Timestamp.Time))
		}
	}
	now = time.Now()
	pods, err := s.metrics.MetricsV1beta1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the pods: %w", err)
	}
	for i := range pods.Items {
		if !skip[nodeOf(pods.Items[i].Name)] {
			ages = append(ages, now.Sub(pods.Items[i].Timestamp.Time))
		}
	}
	return ages, nil
}

// nodeOf is the node of one of the cluster's pods, whose name ends in a number of its own.
func nodeOf(pod string) string {
	if i := strings.LastIndexByte(pod, '-'); i >= 0 {
		return pod[:i]
	}
	return pod
}
