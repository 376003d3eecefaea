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
	// Text says cause and cure in one sentence without a full stop. Its subject is the kubelet or the node; it names no address.
	Text string
}

// errNoContainers is an answer without any container while pods run on the node.
var errNoContainers = errors.New("the kubelet reports no container while pods run on its node")

var causes = []struct {
	is    func(error) bool
	cause Cause
}{
	{as[x509.UnknownAuthorityError], Cause{"tls_unknown_authority", "the kubelet's certificate is signed by an authority that is not trusted: set serverTLSBootstrap on the kubelet and approve its certificate request, or name the authority with --kubelet-certificate-authority"}},
	{as[x509.HostnameError], Cause{"tls_wrong_name", "the kubelet's certificate is not valid for the node's address: set serverTLSBootstrap on the kubelet and approve its certificate request, or choose another address type with --kubelet-preferred-address-types"}},
	{as[x509.CertificateInvalidError], Cause{"tls_invalid_certificate", "the kubelet's certificate has expired or is not a server's certificate: renew it"}},
	{as[*tls.CertificateVerificationError], Cause{"tls_unverified", "the kubelet's certificate could not be verified: see --kubelet-certificate-authority"}},
	{as[tls.AlertError], Cause{"tls_refused", "the kubelet broke off the TLS handshake: approve its pending certificate request, or check the client certificate"}},
	{is(http.ErrSchemeMismatch), Cause{"tls_plain", "the kubelet does not speak TLS on its port: check --kubelet-port"}},
	{remoteAlert, Cause{"tls_refused", "the kubelet broke off the TLS handshake: approve its pending certificate request, or check the client certificate"}},
	{answered(http.StatusUnauthorized), Cause{"unauthenticated", "the kubelet does not accept Plimsoll's credentials (401): enable webhook authentication on the kubelet"}},
	{answered(http.StatusForbidden), Cause{"forbidden", "the kubelet forbids the request (403): grant get on nodes/metrics and nodes/stats"}},
	{hasNoEndpoint, Cause{"not_found", "the kubelet has no such endpoint (404, 405 or 501), and no summary to read instead: check the right to get nodes/stats, and that the node's address is that of a kubelet"}},
	{as[*kubelet.StatusError], Cause{"status", "the kubelet responded with an error: see the kubelet's log"}},
	{is(kubelet.ErrHeaderTooLarge), Cause{"too_large", "the kubelet's response is larger than any kubelet's should be: check that the node's address is that of a kubelet"}},
	{is(kubelet.ErrTooLarge), Cause{"too_large", "the kubelet's response is larger than any kubelet's should be: check that the node's address is that of a kubelet"}},
	{is(kubelet.ErrNoMemory), Cause{"no_memory", "the kubelet's response is large, and other large responses use the memory for it: raise the memory limit, or find out why the responses are so large"}},
	{is(errOverBudget), Cause{"over_budget", "the kubelet's response takes too long to decode: check that the node's address is that of a kubelet, and that the server has enough CPU"}},
	{is(decode.ErrTooMany), Cause{"too_many", "the kubelet's response has more series or objects than any kubelet's should have: check that the node's address is that of a kubelet"}},
	{is(errNoContainers), Cause{"no_containers", "the kubelet reports no container although pods run on the node, and its summary has none either: see the logs of the kubelet and of the container runtime, and check the right to get nodes/stats"}},
	{is(decode.ErrKubelet), Cause{"kubelet_error", "the kubelet failed to collect its own metrics: see the logs of the kubelet and of the container runtime"}},
	{is(decode.ErrTruncated), Cause{"truncated", "the kubelet's response ends in the middle: check for a proxy in between"}},
	{is(decode.ErrEmpty), Cause{"empty", "the kubelet's response has no metrics: check that the node's address is that of a kubelet"}},
	{is(decode.ErrSyntax), Cause{"syntax", "the kubelet's response cannot be parsed: check that the node's address is that of a kubelet"}},
	{is(errDecoder), Cause{"decoder_fault", "the kubelet's response met a fault in Plimsoll: report it with the log"}},
	{is(context.DeadlineExceeded), Cause{"timeout", "the kubelet did not respond in time: see --kubelet-request-timeout"}},
	{is(os.ErrDeadlineExceeded), Cause{"timeout", "the kubelet did not respond in time: see --kubelet-request-timeout"}},
	{as[*target.AddressError], Cause{"refused_address", "the node's address is not one at which a kubelet may be: correct the addresses in the node's status; only simulated kubelets need --kubelet-allow-local-addresses"}},
	{is(syscall.ECONNREFUSED), Cause{"refused", "the kubelet's port refused the connection: check that the kubelet is running, and that --kubelet-port is right"}},
	{as[*net.DNSError], Cause{"unknown_host", "the node's host name cannot be resolved: choose another address type with --kubelet-preferred-address-types"}},
	{is(io.ErrUnexpectedEOF), Cause{"truncated", "the kubelet's response ends in the middle: check for a proxy in between"}},
	{is(io.EOF), Cause{"broken", "the kubelet closed the connection without a response: see the kubelet's log"}},
	{is(syscall.ECONNRESET), Cause{"broken", "the kubelet closed the connection without a response: see the kubelet's log"}},
	{is(kubelet.ErrHandshake), Cause{"tls_failed", "the TLS handshake with the kubelet failed: see the log, and check that the node's address is that of a kubelet"}},
	{as[*net.OpError], Cause{"unreachable", "the kubelet cannot be reached: check routes and firewalls"}},
	{is(kubelet.ErrMalformed), Cause{"malformed_http", "the kubelet's response is malformed HTTP: check for a proxy in between, and that the node's address is that of a kubelet"}},
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
