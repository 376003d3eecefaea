package sink_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sink"
)

// variables are the environment of a test.
type variables map[string]string

func (v variables) lookup(name string) (string, bool) {
	value, ok := v[name]
	return value, ok
}

var environment = variables{"EMPTY": "", "HOST": "10.0.0.1", "PASSWORD": "a&b=c%'+;#", "OPTIONS": "db=x&withfields=true"}

type change = func(*sink.Sink)

// plain is what the prefix of the kind gives.
func plain(kind sink.Kind, raw string, changes ...change) sink.Sink {
	s := sink.Sink{Kind: kind, Raw: raw, Name: kind.String(), QueueBytes: 16 << 20, Timeout: 30 * time.Second, Concurrency: 1}
	switch kind {
	case sink.InfluxDB:
		s.Cluster, s.InfluxDB.Database, s.InfluxDB.Interval = "default", "k8s", time.Minute
		s.Endpoint = sink.Endpoint{URL: "http://localhost:8086", User: "root", Password: "root"}
	case sink.OTLP:
		s.Endpoint.URL, s.OTLP.Gzip = "http://localhost:4318/v1/metrics", true
	case sink.RemoteWrite:
		s.Endpoint.URL = "http://h/api/v1/write"
	case sink.Log:
		s.LinesPerMinute = 1000
	case sink.Metric:
		s.Notes = []string{"it has no effect: what Heapster kept in memory is what Plimsoll serves"}
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func at(url string) change                           { return func(s *sink.Sink) { s.Endpoint.URL = url } }
func endpoint(f func(*sink.Endpoint)) change         { return func(s *sink.Sink) { f(&s.Endpoint) } }
func influx(f func(*sink.InfluxDBOptions)) change    { return func(s *sink.Sink) { f(&s.InfluxDB) } }
func otlp(f func(*sink.OTLPOptions)) change          { return func(s *sink.Sink) { f(&s.OTLP) } }
func remote(f func(*sink.RemoteWriteOptions)) change { return func(s *sink.Sink) { f(&s.RemoteWrite) } }
func notes(notes ...string) change                   { return func(s *sink.Sink) { s.Notes = notes } }

// as has basic authentication.
func as(user, password string) change {
	return endpoint(func(e *sink.Endpoint) { e.User, e.Password = user, password })
}

// bearer has a token, in place of a user.
func bearer(token, file string) change {
	return endpoint(func(e *sink.Endpoint) { e.User, e.Password, e.Token, e.TokenFile = "", "", token, file })
}

func headers(pairs ...string) change {
	return endpoint(func(e *sink.Endpoint) {
		e.Headers = map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			e.Headers[pairs[i]] = pairs[i+1]
		}
	})
}

const (
	notePassword = "the password is in a flag, where other users of the machine can read it: give pwFile=FILE, or pw=$NAME with a variable of the environment"
	noteToken    = "the token is in a flag, where other users of the machine can read it: give tokenFile=FILE, or token=$NAME with a variable of the environment"
	noteOrder    = "requests arrive in any order: a receiver such as Prometheus refuses those with older samples than it has, unless it has a window for these"
	notePlain    = "the credentials are sent unencrypted: write https:// if the system has TLS"
)

func checkMessages(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}
