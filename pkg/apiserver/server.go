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
	generic *genericapiserver.GenericAPIServer
	workers *workers
	// prepare installs the health and OpenAPI endpoints, the first time that it is called.
	prepare func() runner
}

// runner is a server that has all its endpoints: a type that the library does not export.
type runner interface {
	RunWithContext(ctx context.Context) error
}

func newServer(generic *genericapiserver.GenericAPIServer, ws *workers) *Server {
	return &Server{generic: generic, workers: ws, prepare: sync.OnceValue(func() runner {
		return generic.PrepareRun()
	})}
}

// Run listens, starts the background work, and serves until the context is done. It returns when the requests in flight
// have their responses and the background work has ended. The error has the reason why the server could not listen, or could not end in order.
func (s *Server) Run(ctx context.Context) error {
	// The background work ends with the server, also where the server could not start or failed to end in order.
	ctx, cancel := context.WithCancel(ctx)
	defer s.workers.wait()
	defer cancel()
	if err := s.prepare().RunWithContext(ctx); err != nil {
		return fmt.Errorf("serve the metrics API: %w", err)
	}
	return nil
}

// Handler returns the handler of all that is served, with all filters, for use without a listener.
func (s *Server) Handler() http.Handler {
	s.prepare()
	return s.generic.Handler
}
