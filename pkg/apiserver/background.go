package apiserver

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	genericapiserver "k8s.io/apiserver/pkg/server"
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

// workers start together with the server and are awaited at its end.
type workers struct {
	all []*worker

	mu sync.Mutex
	// closed is set before running is awaited, so no worker starts after that.
	closed  bool
	running sync.WaitGroup
}

// addBackground registers a post-start hook for each piece of work. A hook has to return at once: until it does, the
// library holds /livez down, and an error from it would end the process.
func addBackground(generic *genericapiserver.GenericAPIServer, background []Background) (*workers, error) {
	ws := &workers{}
	for _, b := range background {
		w := &worker{Background: b}
		ws.all = append(ws.all, w)
		err := generic.AddPostStartHook(b.Name, func(hook genericapiserver.PostStartHookContext) error {
			ws.start(hook, w)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("register post-start hook %q: %w", b.Name, err)
		}
	}
	return ws, nil
}

func (ws *workers) start(ctx context.Context, w *worker) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if !ws.closed {
		ws.running.Go(func() { w.run(ctx) })
	}
}

// wait returns when all work has ended. The context of the work must be done by then.
func (ws *workers) wait() {
	ws.mu.Lock()
	ws.closed = true
	ws.mu.Unlock()
	ws.running.Wait()
}
