package otlp

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/test/framework/usagerecord"
)

type collector struct {
	collectorpb.UnimplementedMetricsServiceServer
	export func(ctx context.Context, request *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error)
}

func (c *collector) Export(ctx context.Context, r *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error) {
	return c.export(ctx, r)
}

// startCollector returns a sink that sends to a server with this handler.
func startCollector(t *testing.T, c *collector, change func(c *Config), options ...grpc.ServerOption) *Sink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	collectorpb.RegisterMetricsServiceServer(server, c)
	done := make(chan error)
	go func() { done <- server.Serve(listener) }()
	s := newSink(t, func(c *Config) {
		c.GRPC, c.Endpoint.URL = true, "http://"+listener.Addr().String()
		if change != nil {
			change(c)
		}
	})
	t.Cleanup(func() {
		closeConnection(t, s)
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

func closeConnection(t *testing.T, s *Sink) {
	t.Helper()
	if err := s.sender.(*grpcSender).conn.Close(); err != nil {
		t.Error(err)
	}
}

func TestRequestOverGRPC(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, compressed := range []bool{false, true} {
		t.Run(fmt.Sprintf("gzip %v", compressed), func(t *testing.T) {
			var lines []string
			var header metadata.MD
			s := startCollector(t, &collector{export: func(ctx context.Context, r *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error) {
				lines = read(t, r)
				header, _ = metadata.FromIncomingContext(ctx)
				return &collectorpb.ExportMetricsServiceResponse{}, nil
			}}, func(c *Config) {
				c.Gzip = compressed
				c.Endpoint.TokenFile, c.Endpoint.Header = token, map[string]string{"X-Scope-OrgID": "team-a"}
			})
			for range 2 {
				if err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]); err != nil {
					t.Fatal(err)
				}
			}
			if len(lines) != 5 {
				t.Errorf("received %q", lines)
			}
			for name, want := range map[string]string{"authorization": "Bearer secret", "x-scope-orgid": "team-a", "user-agent": "plimsoll/"} {
				if got := header.Get(name); len(got) != 1 || !strings.HasPrefix(got[0], want) {
					t.Errorf("%s: %q", name, got)
				}
			}
		})
	}
}

func TestTLSOverGRPC(t *testing.T) {
	certificates := httptest.NewTLSServer(nil)
	defer certificates.Close()
	ca := filepath.Join(t.TempDir(), "ca")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificates.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	transport := grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: certificates.TLS.Certificates, MinVersion: tls.VersionTLS12}))
	for _, tt := range []struct {
		name   string
		change func(c *endpoint.Config)
		want   outcome
	}{
		{"authority of the file", func(c *endpoint.Config) { c.CAFile = ca }, outcome{}},
		{"not verified", func(c *endpoint.Config) { c.Insecure = true }, outcome{}},
		{"unknown authority", func(*endpoint.Config) {}, outcome{text: "certificate"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startCollector(t, &collector{export: func(context.Context, *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error) {
				return nil, nil
			}}, func(c *Config) {
				c.Endpoint.URL = strings.Replace(c.Endpoint.URL, "http:", "https:", 1)
				tt.change(&c.Endpoint)
			}, transport)
			tt.want.check(t, s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]))
		})
	}
}

func TestResponsesOverGRPC(t *testing.T) {
	answer := func(code codes.Code, text string, details ...protoadapt.MessageV1) error {
		s, err := status.New(code, text).WithDetails(details...)
		if err != nil {
			t.Fatal(err)
		}
		return s.Err()
	}
	retry := func(after time.Duration) protoadapt.MessageV1 {
		return &errdetails.RetryInfo{RetryDelay: durationpb.New(after)}
	}
	tests := []struct {
		name string
		part *collectorpb.ExportMetricsPartialSuccess
		err  error
		want outcome
	}{
		{name: "taken"},
		{name: "a part refused", part: &collectorpb.ExportMetricsPartialSuccess{RejectedDataPoints: 2, ErrorMessage: "too old"}, want: outcome{partly: 2, text: "too old"}},
		{name: "invalid", err: answer(codes.InvalidArgument, "bad data"), want: outcome{rejected: true, text: "bad data"}},
		{name: "internal", err: answer(codes.Internal, "bug"), want: outcome{rejected: true, text: "bug"}},
		{name: "unavailable", err: answer(codes.Unavailable, "busy"), want: outcome{text: "busy"}},
		{name: "unavailable, with a delay", err: answer(codes.Unavailable, "busy", retry(7*time.Second)), want: outcome{later: 7 * time.Second, text: "busy"}},
		{name: "exhausted, with a delay", err: answer(codes.ResourceExhausted, "full", retry(3*time.Second)), want: outcome{later: 3 * time.Second, text: "full"}},
		{name: "exhausted, at once", err: answer(codes.ResourceExhausted, "full", retry(0)), want: outcome{text: "full"}},
		{name: "too large", err: answer(codes.ResourceExhausted, "larger than max"), want: outcome{rejected: true, text: "larger than max"}},
		{name: "unauthenticated", err: answer(codes.Unauthenticated, "who?"), want: outcome{text: "who?"}},
		{name: "forbidden", err: answer(codes.PermissionDenied, "no"), want: outcome{text: "no"}},
		{name: "too much text", part: &collectorpb.ExportMetricsPartialSuccess{RejectedDataPoints: 2, ErrorMessage: strings.Repeat("x", maxResponse)},
			want: outcome{rejected: true, text: "received message larger than max"}},
		{name: "a long text", err: answer(codes.Internal, strings.Repeat("x", 5000)), want: outcome{rejected: true, text: "xxx..."}},
		{name: "no metrics here", err: answer(codes.Unimplemented, "unknown service"), want: outcome{text: "unknown service"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := startCollector(t, &collector{export: func(context.Context, *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error) {
				return &collectorpb.ExportMetricsServiceResponse{PartialSuccess: tt.part}, tt.err
			}}, nil)
			tt.want.check(t, s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]))
		})
	}
}

// TestCredentialsThatAreRepeatedOverGRPC has a receiver repeat what it was sent.
func TestCredentialsThatAreRepeatedOverGRPC(t *testing.T) {
	s := startCollector(t, &collector{export: func(ctx context.Context, _ *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error) {
		header, _ := metadata.FromIncomingContext(ctx)
		return nil, status.Error(codes.Unauthenticated, fmt.Sprint("who is ", header.Get("authorization"), "?"))
	}}, func(c *Config) { c.Endpoint.Token = "sesame" })
	outcome{text: "code = Unauthenticated desc = who is [Bearer ******]?"}.check(t, s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]))
}

func TestReceiverThatHangsOrIsNotThere(t *testing.T) {
	t.Run("hangs", func(t *testing.T) {
		s := startCollector(t, &collector{export: func(ctx context.Context, _ *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error) {
			<-ctx.Done()
			return nil, nil
		}}, func(c *Config) { c.Endpoint.Timeout = 50 * time.Millisecond })
		outcome{text: "DeadlineExceeded"}.check(t, s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]))
	})
	t.Run("is not there", func(t *testing.T) {
		s := newSink(t, func(c *Config) { c.GRPC, c.Endpoint.URL = true, "http://127.0.0.1:1" })
		defer closeConnection(t, s)
		outcome{text: "grpc://127.0.0.1:1: rpc error: code = Unavailable"}.check(t, s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]))
	})
}

func TestDefaultPort(t *testing.T) {
	for address, want := range map[string]string{"http://collector": "collector:4317", "https://collector:443": "collector:443", "http://[::1]": "[::1]:4317"} {
		if got := hostPort(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
