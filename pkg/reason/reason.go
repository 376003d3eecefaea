// Package reason names why a node could not be scraped: as a code for the label of a metric, and as a sentence for a person. It stands beside the
// data flow: package scrape passes it the errors of packages kubelet and decode, and its own.
package reason

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// Reason is why a node could not be scraped.
type Reason struct {
	// Code is one of a small fixed set; empty where nothing failed.
	Code string
	// Message has cause and cure in one sentence without a full stop. Its subject is the kubelet or the node; it names no address.
	Message string
}

const (
	// NoAddress is the code of nodes that have no address at which they may be scraped.
	NoAddress = "no_address"
	// RefusedPort is the code of nodes whose status names a port at which no kubelet is expected.
	RefusedPort = "refused_port"
	// RefusedAddress is the code of errors that name an address at which no kubelet may be.
	RefusedAddress = "refused_address"
)

const truncatedMessage = "the kubelet's response ends in the middle: check for a proxy in between"

// Errors of a scrape that come from neither the network nor a decoder's input.
var (
	// ErrNoContainers is a response without any container while pods run on the node.
	ErrNoContainers = errors.New("the kubelet reports no container while pods run on its node")
	// ErrOverBudget is a large response that took too long to decode.
	ErrOverBudget = errors.New("decoding the response takes too long")
)

// reasons are in the order in which they are checked: an error may be several of them.
var reasons = []struct {
	is     func(error) bool
	reason Reason
}{
	{as[x509.UnknownAuthorityError], Reason{"tls_unknown_authority", "the kubelet's certificate is signed by an authority that is not trusted: set serverTLSBootstrap on the kubelet and approve its certificate request, or name the authority with --kubelet-certificate-authority"}},
	{is(kubelet.ErrOtherNode), Reason{"tls_other_node", "the kubelet's certificate is that of another node: check the addresses in the status of both nodes, and restart a kubelet that has kept the certificate of its former node"}},
	{as[x509.HostnameError], Reason{"tls_wrong_name", "the kubelet's certificate is not valid for the node's address: set serverTLSBootstrap on the kubelet and approve its certificate request, or choose another address type with --kubelet-preferred-address-types"}},
	{as[x509.CertificateInvalidError], Reason{"tls_invalid_certificate", "the kubelet's certificate has expired or is not a server's certificate: renew it"}},
	{as[*tls.CertificateVerificationError], Reason{"tls_unverified", "the kubelet's certificate could not be verified: see --kubelet-certificate-authority"}},
	{is(kubelet.ErrMalformedTLS), Reason{"malformed_tls", "what the kubelet sent is invalid TLS: check for a proxy in between, and that the node's address is that of a kubelet"}},
	{isCutOff, Reason{"truncated", truncatedMessage}},
	{isAlert, Reason{"tls_refused", "the kubelet broke off the TLS handshake: approve its pending certificate request, or check the client certificate"}},
	{is(http.ErrSchemeMismatch), Reason{"tls_plain", "the kubelet does not speak TLS on its port: check --kubelet-port"}},
	{hasStatus(http.StatusUnauthorized), Reason{"unauthenticated", "the kubelet does not accept Plimsoll's credentials (401): enable webhook authentication on the kubelet"}},
	{hasStatus(http.StatusForbidden), Reason{"forbidden", "the kubelet forbids the request (403): grant get on nodes/metrics and nodes/stats"}},
	{HasNoEndpoint, Reason{"not_found", "the kubelet has no such endpoint (404, 405 or 501), and no summary to read instead: check the right to get nodes/stats, and that the node's address is that of a kubelet"}},
	{isRedirect, Reason{"redirect", "the kubelet redirects the request, which is not followed: check for a proxy in between, and that the node's address is that of a kubelet"}},
	{as[*kubelet.StatusError], Reason{"status", "the kubelet responded with an error: see the kubelet's log"}},
	{is(kubelet.ErrHeaderTooLarge), Reason{"header_too_large", "the header of the kubelet's response is larger than any kubelet's should be, or too many interim responses precede it: check that the node's address is that of a kubelet"}},
	{is(kubelet.ErrTooLarge), Reason{"too_large", "the kubelet's response is larger than any kubelet's should be: check that the node's address is that of a kubelet"}},
	{is(kubelet.ErrNoMemory), Reason{"no_memory", "the kubelet's response is large, and other large responses use the memory for it: raise the memory limit, or find out why the responses are so large"}},
	{is(ErrOverBudget), Reason{"over_budget", "the kubelet's response takes too long to decode: check that the node's address is that of a kubelet, and that the server has enough CPU"}},
	{is(decode.ErrTooMany), Reason{"too_many", "the kubelet's response has more series or objects than any kubelet's should have: check that the node's address is that of a kubelet"}},
	{is(ErrNoContainers), Reason{"no_containers", "the kubelet reports no container although pods run on the node, and its summary has none either: see the logs of the kubelet and of the container runtime, and check the right to get nodes/stats"}},
	{is(decode.ErrKubelet), Reason{"kubelet_error", "the kubelet failed to collect its own metrics: see the logs of the kubelet and of the container runtime"}},
	{is(decode.ErrNoExtra), Reason{"unsupported", "the kubelet, or the kernel of its node, does not have the extra resources: see --extra-resources"}},
	{is(decode.ErrTruncated), Reason{"truncated", truncatedMessage}},
	{is(decode.ErrEmpty), Reason{"empty", "the kubelet's response has no metrics: check that the node's address is that of a kubelet"}},
	{is(decode.ErrSyntax), Reason{"syntax", "the kubelet's response cannot be parsed: check that the node's address is that of a kubelet"}},
	{is(decode.ErrPanic), Reason{"decoder_fault", "the kubelet's response met a fault in Plimsoll: report it with the log"}},
	{is(kubelet.ErrSlow), Reason{"slow", "the kubelet's response began and did not end in time: check the load of the node and the network, and see --kubelet-request-timeout"}},
	{is(kubelet.ErrHandshakeTimeout), Reason{"tls_timeout", "the TLS handshake with the kubelet did not end in time: check the load of the node, firewalls and the MTU of the network, and that the node's address is that of a kubelet"}},
	{is(context.DeadlineExceeded, os.ErrDeadlineExceeded), Reason{"timeout", "the kubelet did not respond in time: see --kubelet-request-timeout"}},
	{as[*address.Error], Reason{RefusedAddress, "the node's address is not one at which a kubelet may be: correct the addresses in the node's status; only simulated kubelets need --kubelet-allow-local-addresses"}},
	{is(syscall.EMFILE, syscall.ENFILE), Reason{"no_descriptors", "Plimsoll has no file descriptor left for a connection to the kubelet: find out which clients hold connections to Plimsoll, or raise its limit of open files"}},
	{is(syscall.ECONNREFUSED), Reason{"refused", "the kubelet's port refused the connection: check that the kubelet is running, and that --kubelet-port is right"}},
	{as[*net.DNSError], Reason{"unknown_host", "the node's host name cannot be resolved: choose another address type with --kubelet-preferred-address-types"}},
	{is(io.ErrUnexpectedEOF), Reason{"truncated", truncatedMessage}},
	{is(io.EOF, syscall.ECONNRESET), Reason{"broken", "the kubelet closed the connection without a response: see the kubelet's log"}},
	{is(kubelet.ErrHandshake), Reason{"tls_failed", "the TLS handshake with the kubelet failed: see the log, and check that the node's address is that of a kubelet"}},
	{is(kubelet.ErrFraming), Reason{"framing", "the kubelet's response comes in so many small pieces that most of its bytes belong to HTTP or TLS: check for a proxy in between, and that the node's address is that of a kubelet"}},
	{as[*net.OpError], Reason{"unreachable", "the kubelet cannot be reached: check routes and firewalls"}},
	{is(kubelet.ErrMalformed), Reason{"malformed_http", "the kubelet's response is malformed HTTP: check for a proxy in between, and that the node's address is that of a kubelet"}},
}

// Of returns the reason of an error with which a scrape ended; the zero value for nil.
func Of(err error) Reason {
	if err == nil {
		return Reason{}
	}
	for _, r := range reasons {
		if r.is(err) {
			return r.reason
		}
	}
	return Reason{"other", "the scrape failed: see the log"}
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func is(targets ...error) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

func hasStatus(code int) func(error) bool {
	return func(err error) bool { return Status(err) == code }
}

// isAlert is true for a TLS alert that the kubelet sent: the standard library may wrap it as an operation of its own.
func isAlert(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return as[tls.AlertError](err) || ok && e.Op == "remote error"
}

// isCutOff is true for an alert, or the end of the connection, after a response began.
func isCutOff(err error) bool {
	return errors.Is(err, kubelet.ErrMalformed) && (isAlert(err) || errors.Is(err, syscall.ECONNRESET))
}

func isRedirect(err error) bool { return Status(err)/100 == 3 }

// Status is the status code of a response other than 200; 0 where the error is another one.
func Status(err error) int {
	if e, ok := errors.AsType[*kubelet.StatusError](err); ok {
		return e.Code
	}
	return 0
}

// noEndpoint are the status codes of servers without the endpoint. Kubelets respond 404, virtual kubelets without metrics 501, and servers that
// have the path for another method 405.
var noEndpoint = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// HasNoEndpoint is true where the kubelet has no such endpoint, whatever the query.
func HasNoEndpoint(err error) bool { return slices.Contains(noEndpoint, Status(err)) }

// Addresses lists the addresses of a node that took no connection, each with its code; empty where there was only one.
func Addresses(err error) string {
	e, ok := errors.AsType[*kubelet.AddressesError](err)
	if !ok {
		return ""
	}
	var list []string
	for _, f := range e.Failed {
		list = append(list, f.Address+" "+Of(f.Err).Code)
	}
	return excerpt.Of(strings.Join(list, ", "))
}
