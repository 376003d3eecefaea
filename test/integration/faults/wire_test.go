package faults

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestWire has kubelets attack by HTTP and TLS.
func TestWire(t *testing.T) {
	runKubelets(t, []hostile{
		{"HTTP/2 frames", fleet.HTTP2Frames(), []string{scrapes("malformed_http")}},
		{"a trailer without an end", fleet.EndlessTrailer(), []string{scrapes("malformed_http")}},
		{"chunk extensions of 3,000 bytes", fleet.ChunkExtensions(3000), []string{scrapes("malformed_http")}},
		{"chunks that are larger or smaller than their size", fleet.Alternate(fleet.SurplusInChunk(), fleet.ChunkSize("10000000000000000")), []string{scrapes("malformed_http")}},
		{"surplus bytes before the response", fleet.SurplusBefore(), []string{scrapes("malformed_http")}},
		{"a header without an end", fleet.EndlessHeader(), []string{scrapes("header_too_large")}},
		{"a field of the header without an end", fleet.EndlessHeaderField(), []string{scrapes("header_too_large")}},
		{"interim responses without an end", fleet.EndlessInterim(), []string{scrapes("header_too_large")}},
		{"TLS records of one byte", fleet.ByteRecords(), []string{scrapes("framing")}},
		{"chunks of one byte with extensions", fleet.ChunkExtensions(14), []string{scrapes("framing")}},
		{"16 key updates after each byte", fleet.KeyUpdates(16), []string{scrapes("framing")}},
		{"one byte every 100 ms", fleet.Drip(100 * time.Millisecond), []string{scrapes("slow")}},
		{"a length that is longer than the body", fleet.WrongLength(+1000), []string{scrapes("slow")}},
		{"session tickets without an end", fleet.SessionTickets(100_000), []string{scrapes("malformed_tls")}},
		{"a request to update the key", fleet.KeyUpdateRequest(), []string{scrapes("malformed_tls")}},
		{"a renegotiation", fleet.Renegotiation(), []string{scrapes("malformed_tls")}},
		{"a chunk of 16 EiB", fleet.ChunkSize("ffffffffffffffff"), []string{scrapes("truncated")}},
		{"an alert in the response", fleet.AlertInResponse(), []string{scrapes("truncated")}},
		{"a certificate chain of a mebibyte", fleet.CertificateChain(1 << 20), []string{scrapes("tls_failed")}},
		{"an alert in the handshake", fleet.AbortedHandshake(), []string{scrapes("tls_refused")}},
		{"a handshake that does not end", fleet.SilentHandshake(), []string{scrapes("tls_timeout")}},
		{"another node's certificate", fleet.OtherCertificate(env.Fleet.Nodes()[nodes-1]), []string{scrapes("tls_wrong_name")}},
		{"an expired certificate", fleet.ExpiredCertificate(), []string{scrapes("tls_invalid_certificate")}},
		{"no response", fleet.Hang(), []string{scrapes("timeout")}},
		{"a redirect", fleet.Redirect("https://192.0.2.1/metrics/resource"), []string{scrapes("redirect")}},
		{"a length of 8 EiB", fleet.HugeLength(), []string{scrapes("too_large")}},
		{"surplus bytes after the response, also by its length", fleet.Alternate(fleet.SurplusAfter(), fleet.WrongLength(-10)), []string{unrequested}},
		{"session tickets on an idle connection", fleet.SessionTicketsWhileIdle(1000), []string{unrequested}},
		{"HTTP/1.0 without a length", fleet.WithoutLength(), nil},
		{"a handshake in records of one byte", fleet.ByteHandshake(), nil},
	})
}

// TestCertificateOfAnotherNode has a kubelet present another node's certificate to a Plimsoll that verifies kubelets by the names of their nodes.
func TestCertificateOfAnotherNode(t *testing.T) {
	server, err := env.StartServer(t.Context(), "--kubelet-verify=node-name")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	attackers := first(1)
	ctx, cancel := context.WithCancel(t.Context())
	misbehaving := make(chan error, 1)
	go func() {
		misbehaving <- misbehave(ctx, attackers, []fleet.Fault{fleet.OtherCertificate(env.Fleet.Nodes()[nodes-1])})
	}()
	defer func() {
		cancel()
		if err := <-misbehaving; err != nil {
			t.Error(err)
		}
	}()
	counted := regexp.MustCompile(scrapes("tls_other_node"))
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		now, err := observe.OwnMetrics(ctx, server)
		if err == nil && now.Rise(nil, counted) == 0 {
			err = fmt.Errorf("no series that matches %s has risen", counted)
		}
		return err
	})
}
