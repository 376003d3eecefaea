//go:build linux

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

// outage is shorter than four resolutions, after which metrics are too old to be served.
const outage = 30 * time.Second

// testOutage stops the kubelet for a while: its last metrics are served with their own time, and fresh ones follow.
func (env *environment) testOutage(t *testing.T) {
	progress("the kubelet stops for %s", outage)
	must(t, env.node.StopKubelet())
	stopped := time.Now()
	begin, err := env.times(t.Context())
	must(t, err)
	poll.Throughout(t, outage, func(ctx context.Context) error {
		now, err := env.times(ctx)
		if err != nil {
			return fmt.Errorf("%s after the kubelet stopped: %w", time.Since(stopped).Round(time.Second), err)
		}
		if now.node.After(stopped) || now.pod.After(stopped) {
			return fmt.Errorf("metrics of %v, after the kubelet stopped at %s", now, stopped)
		}
		return nil
	})
	last, err := env.times(t.Context())
	must(t, err)
	progress("after %s the last metrics are served: node of %s, pod of %s", outage, last.node.Format(time.TimeOnly), last.pod.Format(time.TimeOnly))
	if last.node.Before(begin.node) || last.pod.Before(begin.pod) {
		t.Errorf("time went back, from %v to %v", begin, last)
	}
	must(t, env.node.StartKubelet(t.Context(), realnode.SignedByCluster))
	started := time.Now()
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error {
		now, err := env.times(ctx)
		if err == nil && (!now.node.After(started) || !now.pod.After(started)) {
			err = fmt.Errorf("the metrics are still those of %v", now)
		}
		return err
	})
	progress("fresh metrics %s after the kubelet is back", time.Since(started).Round(time.Second/10))
	pod, err := env.server(t.Context())
	must(t, err)
	for _, s := range pod.Status.ContainerStatuses {
		if s.RestartCount != 0 {
			t.Errorf("plimsoll was restarted %d times", s.RestartCount)
		}
	}
}

// times are the timestamps of the node's usage and of one pod's.
type times struct{ node, pod time.Time }

func (env *environment) times(ctx context.Context) (times, error) {
	node, err := env.nodeMetrics(ctx)
	if err != nil {
		return times{}, err
	}
	pod, err := env.podMetrics(ctx, "catalogue")
	if err != nil {
		return times{}, err
	}
	return times{node.Timestamp.Time, pod.Timestamp.Time}, nil
}
