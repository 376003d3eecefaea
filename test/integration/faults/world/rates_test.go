package world

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"
)

// rateWatcher compares the rates of the churned pods with those that a pod of the name has had.
type rateWatcher struct {
	stop func()
	mu   sync.Mutex
	// mu guards what follows. deleted is when a deleted name was served last, and served how many names at the last read.
	reads, rates, served int
	deleted              time.Time
	wrong                error
}

func watchRates(t *testing.T, client metricsclient.Interface) *rateWatcher {
	w := &rateWatcher{}
	w.stop = repeat(t, 250*time.Millisecond, func(ctx context.Context) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		at := time.Now()
		got, err := rates(ctx, client)
		if err == nil {
			w.note(at, got)
		}
		return err
	}).end
	return w
}

// note takes the result of one read. The caller holds mu.
func (w *rateWatcher) note(at time.Time, got map[string]float64) {
	w.reads, w.served = w.reads+1, len(got)
	for i := range 4 * changing {
		rate, ok := got[podName(i)]
		if !ok {
			continue
		}
		w.rates++
		if i < changing {
			w.deleted = at
		}
		if w.wrong == nil && !isRate(rate, i, true) && !isRate(rate, i, false) {
			w.wrong = fmt.Errorf("%s was served with %.1f millicores, and no pod of that name has had a rate but %d and %d",
				podName(i), rate, millicores(i, true), millicores(i, false))
		}
	}
}

// newest is how many names were served at the last read.
func (w *rateWatcher) newest() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.served
}

// end stops, and returns when a deleted name was served last.
func (w *rateWatcher) end() time.Time {
	w.stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deleted
}

// rates are the served rates of the churned pods, in millicores, by name.
func rates(ctx context.Context, client metricsclient.Interface) (map[string]float64, error) {
	list, err := client.MetricsV1().PodMetricses(churned).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for _, p := range list.Items {
		for _, c := range p.Containers {
			all[p.Name] = c.Usage.Cpu().AsApproximateFloat64() * 1000
		}
	}
	return all, nil
}

// isRate is true of the rate of the first or the second pod of a name.
func isRate(got float64, pod int, first bool) bool {
	want := float64(millicores(pod, first))
	return math.Abs(got-want) <= want*0.02
}

// onlyServes wants the pods from one number to another, with their first or second rate, and no others.
func onlyServes(ctx context.Context, client metricsclient.Interface, from, to int, first bool) error {
	got, err := rates(ctx, client)
	if err != nil {
		return err
	}
	var errs []error
	if len(got) != to-from {
		errs = append(errs, fmt.Errorf("%d pods are served, want %d", len(got), to-from))
	}
	for i := from; i < to; i++ {
		if rate, ok := got[podName(i)]; !ok || !isRate(rate, i, first) {
			errs = append(errs, fmt.Errorf("%s has a rate of %.1f (served: %t), want %d", podName(i), rate, ok, millicores(i, first)))
		}
	}
	return errors.Join(errs...)
}

// withoutDeleted wants no deleted pod.
func withoutDeleted(ctx context.Context, client metricsclient.Interface) error {
	got, err := rates(ctx, client)
	for i := range changing {
		if _, ok := got[podName(i)]; ok {
			err = errors.Join(err, fmt.Errorf("%s is served", podName(i)))
		}
	}
	return err
}
