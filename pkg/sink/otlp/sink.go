package otlp

import (
	"context"
	"io"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

// Config says where the points go, and what their resources are.
type Config struct {
	// Endpoint is the address of the receiver: with its path, such as http://collector:4318/v1/metrics, and for gRPC without, such as http://collector:4317.
	Endpoint endpoint.Config
	// GRPC sends over gRPC in place of HTTP. With scheme https in the URL it uses TLS.
	GRPC bool
	// Gzip compresses what is sent.
	Gzip bool
	// Cluster is the attribute k8s.cluster.name of records that name no cluster; empty for none.
	Cluster string
	// Attributes are added to each resource.
	Attributes map[string]string
}

// Sink encodes records as the messages of the OpenTelemetry protocol and delivers them.
type Sink struct {
	*encoder
	sender
}

// sender delivers payloads: over HTTP or gRPC.
type sender interface {
	Send(ctx context.Context, p export.Payload) error
}

// New returns the sink of a configuration. It sends nothing.
func New(c Config) (*Sink, error) {
	e, err := newEncoder(c)
	if err != nil {
		return nil, err
	}
	send := newHTTPSender
	if c.GRPC {
		send = newGRPCSender
	}
	s, err := send(c)
	if err != nil {
		return nil, err
	}
	return &Sink{e, s}, nil
}

// Close closes the connection of OTLP/gRPC.
func (s *Sink) Close() error {
	if c, ok := s.sender.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Needs returns the ends of objects, for points without a value.
func (s *Sink) Needs() export.Needs { return export.Needs{Ends: true} }
