package apiserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/klog/v2"
)

// Background is work that runs as long as the server does.
type Background struct {
	// Name is the name of the work in logs, and of the check in /readyz that fails when the work does.
	Name string
	// Start blocks until the context is done, and has stopped all that it started when it returns. An error before
	// then makes the process not ready and is not retried; it neither ends the process nor makes it not live.
	Start func(context.Context) error
}

// worker is one Background of one server, and its readiness check.
type worker struct {
	Background
	// failure is set once, when the work ended too early.
	failure atomic.Pointer[error]
}

var _ healthz.HealthChecker = &worker{}

// Name is the name of the readiness check.
func (w *worker) Name() string { return w.Background.Name }

// Check fails from the moment that the work ended with an error.
func (w *worker) Check(*http.Request) error {
	if err := w.failure.Load(); err != nil {
		return fmt.Errorf("%s has stopped: %w", w.Name(), *err)
	}
	return nil
}

func (w *worker) run(ctx context.Context) {
	err := w.Start(ctx)
	if err == nil || ctx.Err() != nil {
		return
	}
	w.failure.Store(&err)
	klog.FromContext(ctx).Error(err, "Background work has stopped, the process is not ready until it is restarted", "work", w.Name())
}

// newWorkers returns the workers of a cluster, and the checks of them beside others. The error names two that are not distinct.
func newWorkers(background []Background, checks []healthz.HealthChecker) ([]*worker, []healthz.HealthChecker, error) {
	workers, all := make([]*worker, len(background)), slices.Clone(checks)
	for i, b := range background {
		workers[i] = &worker{Background: b}
		all = append(all, workers[i])
	}
	names := sets.New[string]()
	for _, check := range all {
		switch name := check.Name(); {
		case name == "":
			return nil, nil, errors.New("background work or a readiness check has no name")
		case names.Has(name):
			return nil, nil, fmt.Errorf("two readiness checks are named %q", name)
		default:
			names.Insert(name)
		}
	}
	return workers, all, nil
}
