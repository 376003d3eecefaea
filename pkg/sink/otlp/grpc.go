package otlp

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // for responses: a server compresses them as the request was
	"google.golang.org/grpc/metadata"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

const (
	exportMethod = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
	defaultPort  = "4317"
	// maxResponse is the length of the longest response, in bytes.
	maxResponse = 64 << 10
)

// grpcSender sends requests over gRPC.
type grpcSender struct {
	config endpoint.Config
	conn   *grpc.ClientConn
	shown  string
}

// newGRPCSender returns a sender that has no connection yet.
func newGRPCSender(c Config) (sender, error) {
	shown, err := c.Endpoint.Address()
	if err != nil {
		return nil, err
	}
	transport, err := transportCredentials(c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("TLS for %s: %w", shown, err)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport), grpc.WithUserAgent(endpoint.UserAgent()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(encodedCodec{}), grpc.MaxCallRecvMsgSize(maxResponse)),
	}
	if c.Gzip {
		options = append(options, grpc.WithCompressor(compressedAlready{})) //nolint:staticcheck // What replaces it is registered for the whole process.
	}
	conn, err := grpc.NewClient("dns:///"+hostPort(c.Endpoint.URL), options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	return &grpcSender{config: c.Endpoint, conn: conn, shown: "grpc" + strings.TrimPrefix(shown, "http")}, nil
}

// Close closes the connection.
func (s *grpcSender) Close() error { return s.conn.Close() }

// transportCredentials are those of TLS where the scheme of the URL is https.
func transportCredentials(c endpoint.Config) (credentials.TransportCredentials, error) {
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "https" {
		return insecure.NewCredentials(), err
	}
	config, err := rest.TLSConfigFor(c.Rest())
	if err != nil {
		return nil, err
	}
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return credentials.NewTLS(config), nil
}

func hostPort(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), defaultPort))
}

// Send implements [export.Sender].
func (s *grpcSender) Send(ctx context.Context, p export.Payload) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.config.Timeout, endpoint.DefaultTimeout))
	defer cancel()
	authorization, err := s.config.Authorization()
	if err != nil {
		return fmt.Errorf("%s: %w", s.shown, err)
	}
	header := metadata.New(s.config.Header)
	if authorization != "" {
		header.Set("authorization", authorization)
	}
	var answer collectorpb.ExportMetricsServiceResponse
	err = s.conn.Invoke(metadata.NewOutgoingContext(ctx, header), exportMethod, p.Body, &answer)
	if err != nil {
		return s.classify(err)
	}
	return partialError(answer.GetPartialSuccess())
}
