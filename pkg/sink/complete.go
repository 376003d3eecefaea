package sink

import (
	"cmp"
	"maps"
	"net/url"
	"strings"
	"time"

	"k8s.io/utils/ptr"
)

const (
	defaultTimeout = 30 * time.Second
	defaultQueue   = 16 << 20
	defaultLines   = 1000
	// defaultInterval is Heapster's resolution: its dashboards add up what is in a minute.
	defaultInterval = time.Minute
	// defaultUser and the others are Heapster's.
	defaultUser, defaultDatabase, defaultCluster = "root", "k8s", "default"
)

// sink fills in the defaults.
func (s *spec) sink() Sink {
	out := Sink{
		Kind: s.kind, Raw: s.Raw, Name: s.kind.String(), Cluster: s.cluster, Endpoint: s.Endpoint,
		QueueBytes: cmp.Or(s.queue, defaultQueue), Timeout: cmp.Or(s.timeout, defaultTimeout), Concurrency: cmp.Or(s.concurrency, 1),
	}
	if s.tenant != "" {
		out.Endpoint.Headers = maps.Clone(s.Headers)
		if out.Endpoint.Headers == nil {
			out.Endpoint.Headers = map[string]string{}
		}
		out.Endpoint.Headers[tenantHeader] = s.tenant
	}
	switch s.kind {
	case InfluxDB:
		s.completeInfluxDB(&out)
	case OTLP:
		out.OTLP = OTLPOptions{GRPC: s.grpc, Gzip: s.compression != "none", Attributes: s.attributes}
		out.Endpoint.URL = cmp.Or(s.URL, s.localCollector())
	case RemoteWrite:
		out.RemoteWrite = RemoteWriteOptions{Version2: s.version2, Labels: s.labels}
	case Log:
		out.LinesPerMinute = cmp.Or(s.lines, defaultLines)
	}
	out.Notes = s.notes(out)
	return out
}

func (s *spec) completeInfluxDB(out *Sink) {
	scheme := "http"
	if ptr.Deref(s.secure, false) {
		scheme = "https"
	}
	e := &out.Endpoint
	e.URL = cmp.Or(s.URL, scheme+"://localhost:8086")
	out.Cluster = cmp.Or(s.cluster, defaultCluster)
	out.InfluxDB = s.influxDB
	out.InfluxDB.Interval = ptr.Deref(s.interval, defaultInterval)
	if out.InfluxDB.Bucket == "" {
		out.InfluxDB.Database = cmp.Or(s.influxDB.Database, defaultDatabase)
	}
	if s.credentials() == "user" || s.credentials() == "" && out.InfluxDB.Bucket == "" && !hasHeader(s.Headers, authorization) {
		e.User = cmp.Or(s.User, defaultUser)
		if s.PasswordFile == "" {
			e.Password = cmp.Or(s.Password, defaultUser)
		}
	}
}

func (s *spec) localCollector() string {
	if s.grpc {
		return "http://localhost:4317"
	}
	return "http://localhost:4318" + metricsPath
}

// notes are sentences on what the sink does otherwise than in Heapster, and on effects that may surprise.
func (s *spec) notes(out Sink) (notes []string) {
	note := func(when bool, text string) {
		if when {
			notes = append(notes, text)
		}
	}
	note(s.kind == Metric, "it has no effect: what Heapster kept in memory is what Plimsoll serves")
	note(s.inFlag("pw"), "the password is in a flag, where other users of the machine can read it: give pwFile=FILE, or pw=$NAME with a variable of the environment")
	note(s.inFlag("token"), "the token is in a flag, where other users of the machine can read it: give tokenFile=FILE, or token=$NAME with a variable of the environment")
	note(s.kind == RemoteWrite && out.Concurrency > 1, "requests arrive in any order: a receiver such as Prometheus refuses those with older samples than it has, unless it has a window for these")
	note((s.credentials() != "" || hasHeader(s.Headers, authorization)) && strings.HasPrefix(out.Endpoint.URL, "http://") && !isLocal(out.Endpoint.URL),
		"the credentials are sent unencrypted: write https:// if the system has TLS")
	return notes
}

// inFlag is true where the value of a secret option is in the flag, and not in a variable.
func (s *spec) inFlag(option string) bool {
	_, config := s.Split()
	for _, separator := range []string{"?", "&"} {
		if _, value, found := strings.Cut(config, separator+option+"="); found && !strings.HasPrefix(strings.TrimLeft(value, `'"`), "$") {
			return true
		}
	}
	return false
}

func isLocal(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
}
