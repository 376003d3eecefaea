package sink

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// readEnvironment fills in what the sink does not give from the variables that OpenTelemetry defines: those about metrics before those about every signal.
func (s *spec) readEnvironment(env func(string) (string, bool)) {
	for _, v := range []struct {
		name  string
		given bool
		set   func(value string) error
	}{
		{"PROTOCOL", s.URL != "", s.setProtocol}, // Before the endpoint, which depends on it.
		{"ENDPOINT", s.URL != "", s.setAddress},
		{"TIMEOUT", s.timeout > 0, s.setMilliseconds},
		{"COMPRESSION", s.compression != "", func(value string) error { return setCompression(&s.values, value) }},
		{"CERTIFICATE", s.CAFile != "" || s.Insecure, func(value string) error { s.CAFile = value; return nil }},
		{"CLIENT_CERTIFICATE", s.CertFile != "" || s.KeyFile != "", func(value string) error { s.CertFile = value; return nil }},
		{"CLIENT_KEY", s.KeyFile != "", func(value string) error { s.KeyFile = value; return nil }},
		{"HEADERS", false, s.addHeaders},
	} {
		name := "OTEL_EXPORTER_OTLP_METRICS_" + v.name
		value, _ := env(name)
		if value == "" {
			name = "OTEL_EXPORTER_OTLP_" + v.name
			value, _ = env(name)
		}
		if value == "" || v.given {
			continue
		}
		if err := v.set(value); err != nil {
			s.Reject("", ": the variable %s %w", name, err)
		}
	}
	s.readAttributes(env)
}

// readAttributes leaves out what the variable says of the pod that Plimsoll runs in.
func (s *spec) readAttributes(env func(string) (string, bool)) {
	text, _ := env("OTEL_RESOURCE_ATTRIBUTES")
	if text == "" {
		return
	}
	attributes, err := attributePairs.parse(text, url.PathUnescape)
	if err != nil {
		s.Reject("", ": the variable OTEL_RESOURCE_ATTRIBUTES %w", err)
	}
	s.cluster = cmp.Or(s.cluster, attributes["k8s.cluster.name"])
	for _, name := range attributePairs.own {
		delete(attributes, name)
	}
	if s.attributes == nil {
		s.attributes = attributes
	}
}

func (s *spec) setProtocol(value string) error {
	s.grpc = value == "grpc"
	if value != "grpc" && value != "http/protobuf" {
		return errors.New("must be grpc or http/protobuf")
	}
	return nil
}

func (s *spec) setMilliseconds(value string) error {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || n == 0 {
		return errors.New("must be a number of milliseconds above 0")
	}
	s.timeout = time.Duration(n) * time.Millisecond
	return nil
}

// addHeaders adds those that the sink does not give itself. Credentials of the sink exclude others.
func (s *spec) addHeaders(value string) error {
	headers, err := headerPairs.parse(value, url.PathUnescape)
	maps.DeleteFunc(headers, func(name, _ string) bool {
		return hasHeader(s.Headers, name) || strings.EqualFold(name, authorization) && s.credentials() != ""
	})
	if s.Headers == nil {
		s.Headers = map[string]string{}
	}
	maps.Copy(s.Headers, headers)
	return err
}
