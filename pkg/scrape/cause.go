package scrape

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// Cause is why a node could not be scraped.
type Cause struct {
	// Code is one of a small fixed set, for a metric's label; empty where nothing is wrong.
	Code string
	// Text says cause and cure in one sentence without a full stop. It names no address.
	Text string
}

// errNoContainers is an answer without any container while pods run on the node.
var errNoContainers = errors.New("the kubelet reports no container while pods run on its node")

var causes = []struct {
	is    func(error) bool
	cause Cause
}{
	{as[x509.UnknownAuthorityError], Cause{"tls_unknown_authority", "its certificate is signed by an authority that is not trusted: set serverTLSBootstrap on the kubelet and approve its certificate request, or name its authority with --kubelet-certificate-authority"}},
	{as[x509.HostnameError], Cause{"tls_wrong_name", "its certificate is not valid for the address that was asked: set serverTLSBootstrap on the kubelet and approve its certificate request, or choose another address type with --kubelet-preferred-address-types"}},
	{as[x509.CertificateInvalidError], Cause{"tls_invalid_certificate", "its certificate has expired or is not one for a server: renew it"}},
	{as[*tls.CertificateVerificationError], Cause{"tls_unverified", "its certificate could not be verified: see --kubelet-certificate-authority"}},
	{as[tls.AlertError], Cause{"tls_refused", "it broke off the TLS handshake: approve its pending certificate request, or check the client certificate"}},
	{is(http.ErrSchemeMismatch), Cause{"tls_plain", "it speaks no TLS on that port: check --kubelet-port"}},
	{remoteAlert, Cause{"tls_refused", "it broke off the TLS handshake: approve its pending certificate request, or check the client certificate"}},
	{answered(http.StatusUnauthorized), Cause{"unauthenticated", "it does not accept our credentials (401): enable webhook authentication on the kubelet"}},
	{answered(http.StatusForbidden), Cause{"forbidden", "it forbids our request (403): grant get on nodes/metrics and nodes/stats"}},
	{hasNoEndpoint, Cause{"not_found", "it has no such endpoint (404, 405 or 501), and no summary that could stand in: check the right to get nodes/stats, and that its address is that of a kubelet"}},
	{as[*kubelet.StatusError], Cause{"status", "it answered with an error: see the kubelet's log"}},
	{is(kubelet.ErrHeaderTooLarge), Cause{"too_large", "its answer is larger than any kubelet's should be"}},
	{is(kubelet.ErrTooLarge), Cause{"too_large", "its answer is larger than any kubelet's should be"}},
	{is(kubelet.ErrNoMemory), Cause{"no_memory", "its answer is large, and others have the memory for it: raise the memory limit, or see why they are so large"}},
	{is(errOverBudget), Cause{"over_budget", "its answer takes too long to decode: see what answers at its address, and whether the server has enough CPU"}},
	{is(decode.ErrTooMany), Cause{"too_many", "its answer has more in it than any kubelet's: see what answers at its address"}},
	{is(errNoContainers), Cause{"no_containers", "it reports no containers although pods run there, nor does its summary: see the kubelet's and the container runtime's logs, and check the right to get nodes/stats"}},
	{is(decode.ErrKubelet), Cause{"kubelet_error", "it failed to collect its own numbers: see the kubelet's and the container runtime's logs"}},
	{is(decode.ErrTruncated), Cause{"truncated", "its answer breaks off in the middle"}},
	{is(decode.ErrEmpty), Cause{"empty", "its answer holds no numbers"}},
	{is(decode.ErrSyntax), Cause{"syntax", "its answer cannot be understood"}},
	{is(errDecoder), Cause{"decoder_fault", "its answer met a fault in Plimsoll: report it with the log"}},
	{is(context.DeadlineExceeded), Cause{"timeout", "it did not answer in time: see --kubelet-request-timeout"}},
	{is(os.ErrDeadlineExceeded), Cause{"timeout", "it did not answer in time: see --kubelet-request-timeout"}},
	{as[*target.AddressError], Cause{"refused_address", "its address is none at which a kubelet may be asked: correct the addresses in the node's status; only simulated kubelets need --kubelet-allow-local-addresses"}},
	{is(syscall.ECONNREFUSED), Cause{"refused", "nothing listens on its port: is the kubelet running, is --kubelet-port right"}},
	{as[*net.DNSError], Cause{"unknown_host", "its name cannot be resolved: choose another address type with --kubelet-preferred-address-types"}},
	{is(io.ErrUnexpectedEOF), Cause{"truncated", "its answer breaks off in the middle"}},
	{is(io.EOF), Cause{"broken", "it closed the connection without an answer"}},
	{is(syscall.ECONNRESET), Cause{"broken", "it closed the connection without an answer"}},
	{is(kubelet.ErrHandshake), Cause{"tls_failed", "the TLS handshake with it failed: see the log, and check that its address is that of a kubelet"}},
	{as[*net.OpError], Cause{"unreachable", "it cannot be reached: check routes and firewalls"}},
	{is(kubelet.ErrMalformed), Cause{"malformed_http", "its answer is malformed HTTP: is there a proxy in between, is its address that of a kubelet"}},
}

// causeOf names the cause of an error that a look at a node ended with.
func causeOf(err error) Cause {
	if err == nil {
		return Cause{}
	}
	for _, c := range causes {
		if c.is(err) {
			return c.cause
		}
	}
	return Cause{"other", "the scrape failed: see the log"}
}

func as[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func answered(code int) func(error) bool {
	return func(err error) bool { return statusOf(err) == code }
}

// remoteAlert is an alert that the other side sent: the standard library wraps it as an operation of its own.
func remoteAlert(err error) bool {
	var e *net.OpError
	return errors.As(err, &e) && e.Op == "remote error"
}

// triedAddresses lists the addresses of a node that took no connection, each with its cause; empty where there was only one.
func triedAddresses(err error) string {
	e, ok := errors.AsType[*kubelet.AddressesError](err)
	if !ok {
		return ""
	}
	var tried []string
	for _, f := range e.Failed {
		tried = append(tried, f.Address+" "+causeOf(f.Err).Code)
	}
	return excerpt.Of(strings.Join(tried, ", "))
}
