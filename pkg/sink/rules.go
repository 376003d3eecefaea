package sink

import (
	"maps"
	"slices"
	"strings"
)

const (
	authorization = "Authorization"
	tenantHeader  = "X-Scope-OrgID"
)

// check rejects options that contradict each other. It leaves out rules about options that could not be parsed.
func (s *spec) check() {
	if s.unparsed[""] {
		return
	}
	s.checkAddress()
	s.checkCredentials()
	s.checkTLS()
	s.checkInfluxDB()
	s.exclude("tenant", s.tenant != "", "the header "+tenantHeader, hasHeader(s.Headers, tenantHeader))
}

// exclude rejects two options of which only one can take effect.
func (s *spec) exclude(one string, isOne bool, other string, isOther bool) {
	if isOne && isOther {
		s.Errorf(": %s and %s contradict each other: leave out one", one, other)
	}
}

// require rejects an option that needs another one.
func (s *spec) require(option string, isGiven bool, needed string, isNeededGiven bool) {
	if isGiven && !isNeededGiven && !s.unparsed[needed] {
		s.Errorf(": %s needs %s too", option, needed)
	}
}

func (s *spec) checkAddress() {
	if s.kind == RemoteWrite && s.URL == "" && !s.unparsed["address"] {
		s.Errorf(" has no address: write that of the receiver with its path, such as prometheus:http://HOST:9090/api/v1/write")
	}
	isHTTPS := strings.HasPrefix(s.URL, "https://")
	if s.URL != "" && s.secure != nil && !s.unparsed["secure"] && *s.secure != isHTTPS {
		s.Errorf(": secure=%v contradicts the scheme of the address: write https:// for TLS or http:// for none, and leave secure out", *s.secure)
	}
}

// credentials are the option that authenticates to the sink; empty where none does.
func (s *spec) credentials() string {
	switch {
	case s.Token != "" || s.TokenFile != "":
		return "token"
	case s.User != "" || s.Password != "" || s.PasswordFile != "":
		return "user"
	}
	return ""
}

func (s *spec) checkCredentials() {
	s.exclude("pw", s.Password != "", "pwFile", s.PasswordFile != "")
	s.exclude("token", s.Token != "", "tokenFile", s.TokenFile != "")
	s.exclude("a password", s.User != "" || s.Password != "" || s.PasswordFile != "", "a token", s.Token != "" || s.TokenFile != "")
	s.exclude(s.credentials(), s.credentials() != "", "the header "+authorization, hasHeader(s.Headers, authorization))
	if s.kind != InfluxDB { // Whose default is Heapster's root.
		s.require("a password", s.Password != "" || s.PasswordFile != "", "user", s.User != "")
		s.require("user", s.User != "", "pwFile", s.Password != "" || s.PasswordFile != "" || s.unparsed["pw"])
	}
}

func (s *spec) checkTLS() {
	s.require("certFile", s.CertFile != "", "keyFile", s.KeyFile != "")
	s.require("keyFile", s.KeyFile != "", "certFile", s.CertFile != "")
	s.exclude("insecuressl=true", s.Insecure, "caFile", s.CAFile != "")
	if isHTTP := strings.HasPrefix(s.URL, "http://"); isHTTP && (s.CAFile != "" || s.CertFile != "") && s.kind != OTLP {
		s.Errorf(": the address begins with http://, so caFile and certFile cannot take effect: leave them out, or write https://")
	}
}

func (s *spec) checkInfluxDB() {
	i := s.influxDB
	s.exclude("db", i.Database != "", "bucket", i.Bucket != "")
	s.exclude("retention", i.Retention > 0, "bucket", i.Bucket != "")
	s.require("org", i.Organization != "", "bucket", i.Bucket != "")
}

// hasHeader ignores case.
func hasHeader(headers map[string]string, name string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(headers)), func(other string) bool { return strings.EqualFold(name, other) })
}
