package apiserver

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	genericapiserver "k8s.io/apiserver/pkg/server"
)

// Server is a built server. It runs once.
type Server struct {
	workers []*worker
	handler http.Handler
	// serve listens and serves until the context is done.
	serve func(context.Context) error
}

// newServer installs the health and OpenAPI endpoints.
func newServer(generic *genericapiserver.GenericAPIServer, workers []*worker) *Server {
	prepared := generic.PrepareRun()
	return &Server{workers: workers, handler: generic.Handler, serve: prepared.RunWithContext}
}

// Run starts the background work, listens, and serves until the context is done. It returns when the requests in flight
// have their responses and the background work has ended. The error has the reason why the server could not listen, or could not end in order.
func (s *Server) Run(ctx context.Context) error {
	// The work goes on until the last response is written.
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer running.Wait()
	defer end()
	// What the library has started ends also where it could not listen.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, w := range s.workers {
		running.Go(func() { w.run(work) })
	}
	if err := s.serve(ctx); err != nil {
		return fmt.Errorf("serve the metrics API: %w", err)
	}
	return nil
}

// Handler returns the handler of all that is served, with all filters, for use without a listener.
func (s *Server) Handler() http.Handler { return s.handler }
