package sink

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// schemes are those that the address of each kind may have.
var schemes = [...][]string{
	InfluxDB: {"http", "https"}, OTLP: {"http", "https", "grpc", "grpcs"}, RemoteWrite: {"http", "https"}, Log: nil, Metric: nil,
}

// parseAddress parses the URL of the system behind the sink, if there is one.
func (s *spec) parseAddress(text string) {
	address, err := flagvalue.Unquote(text)
	if err == nil && address == "" {
		return
	}
	if err == nil && schemes[s.kind] == nil {
		s.Reject("", ": the sink %v has no address: leave out %q", s.kind, text)
		return
	}
	if err == nil {
		err = s.setAddress(address)
	}
	if err != nil {
		s.unparsed["address"] = true
		s.Errorf(": the address %q %w", text, err)
	}
}

// setAddress sets the URL. The error continues a sentence that begins with the address.
func (s *spec) setAddress(address string) error {
	u, err := flagvalue.ParseURL(address, schemes[s.kind]...)
	if err != nil {
		return err
	}
	if secure, isGRPC := strings.CutPrefix(u.Scheme, "grpc"); isGRPC {
		s.grpc, u.Scheme = true, "http"+secure
	}
	path := strings.TrimRight(u.Path, "/")
	switch {
	case s.kind == RemoteWrite && path == "":
		return errors.New("has no path: write that of the receiver, such as /api/v1/write of Prometheus")
	case s.kind == InfluxDB && strings.HasSuffix(path, "/write"):
		return errors.New("ends in /write, which is added: leave it out")
	case s.grpc && path != "":
		return errors.New("has a path, which OTLP/gRPC does not have: leave it out, or write http:// or https:// for OTLP/HTTP")
	}
	if s.kind == OTLP {
		completeOTLP(u, s.grpc)
	}
	s.URL = strings.TrimRight(u.String(), "/")
	return nil
}

const metricsPath = "/v1/metrics"

// completeOTLP adds the port that OTLP/gRPC has by default, or the path that metrics have in OTLP/HTTP.
func completeOTLP(u *url.URL, grpc bool) {
	switch {
	case grpc && u.Port() == "":
		u.Host = net.JoinHostPort(u.Hostname(), "4317")
	case !grpc && !strings.HasSuffix(u.Path, metricsPath):
		u.Path = strings.TrimRight(u.Path, "/") + metricsPath
	}
}
