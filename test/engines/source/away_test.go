package source

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// away is for how long the engine is away in the full form.
const away = 2 * time.Minute

// TestEngineAway ends Prometheus: its last numbers are served until they are as old as they may be, and then the message says why there are none. It is started
// again, and everything is there.
func TestEngineAway(t *testing.T) {
	need(t)
	becomeRight(t, env.Metrics, env.Fleet)
	pod := env.Fleet.Pods()[0]
	get := func(ctx context.Context) (age time.Duration, err error) {
		p, err := env.Metrics.MetricsV1().PodMetricses(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return 0, err
		}
		return time.Since(p.Timestamp.Time), nil
	}
	if err := prometheus.Stop(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	var oldest time.Duration
	var message string
	poll.Eventually(t, maxAge+2*resolution, func(ctx context.Context) error {
		age, err := get(ctx)
		if apierrors.IsNotFound(err) {
			message = err.Error()
			return nil
		}
		oldest = max(oldest, age)
		return fmt.Errorf("usage of %s is served, %w", age, err)
	})
	// It may be that old after it was read out of the engine, which has scraped it up to a resolution before; a time stamp has whole seconds.
	if oldest < maxAge-resolution || oldest > maxAge+resolution+2*time.Second {
		t.Errorf("the oldest usage that was served is of %s, want about %s", oldest, maxAge)
	}
	t.Logf("the last numbers were served until they were %.1f s old, %.1f s after the end of Prometheus. Then: %s", oldest.Seconds(), time.Since(begin).Seconds(), message)
	if os.Getenv("FULL") == "1" {
		poll.Throughout(t, away-time.Since(begin), func(ctx context.Context) error {
			if age, err := get(ctx); !apierrors.IsNotFound(err) {
				return fmt.Errorf("usage of %s is served again: %w", age, err)
			}
			return nil
		})
	}
	t.Logf("Prometheus was away for %.0f s", time.Since(begin).Seconds())
	if err := prometheus.Again(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin = time.Now()
	seen := becomeRight(t, env.Metrics, env.Fleet)
	t.Logf("%.1f s after its start: %s", time.Since(begin).Seconds(), seen)
}
