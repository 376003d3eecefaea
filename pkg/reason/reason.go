// Package reason finds the cause of a failed scrape. It stands beside the data flow: package scrape passes it the errors of packages kubelet and decode,
// and its own.
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
	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// Errors of a scrape that come from neither the network nor a decoder's input.
var (
	// ErrNoContainers is a response without any container while pods run on the node.
	ErrNoContainers = errors.New("the kubelet reports no container while pods run on its node")
	// ErrOverBudget is a large response that took too long to decode.
	ErrOverBudget = errors.New("decoding the response takes too long")
)

// causes are in the order in which they are checked: an error may be several of them.
var causes = []struct {
	is    func(error) bool
	cause cause.Cause
}{
	{as[x509.UnknownAuthorityError], cause.KubeletTLSUnknownAuthority},
	{is(kubelet.ErrOtherNode), cause.KubeletTLSOtherNode},
	{as[x509.HostnameError], cause.KubeletTLSWrongName},
	{as[x509.CertificateInvalidError], cause.KubeletTLSInvalidCertificate},
	{as[*tls.CertificateVerificationError], cause.KubeletTLSUnverified},
	{is(kubelet.ErrMalformedTLS), cause.KubeletTLSMalformed},
	{isCutOff, cause.KubeletTruncated},
	{isAlert, cause.KubeletTLSRefused},
	{is(http.ErrSchemeMismatch), cause.KubeletTLSPlain},
	{hasStatus(http.StatusUnauthorized), cause.KubeletUnauthenticated},
	{hasStatus(http.StatusForbidden), cause.KubeletForbidden},
	{HasNoEndpoint, cause.KubeletNotFound},
	{isRedirect, cause.KubeletRedirect},
	{as[*kubelet.StatusError], cause.KubeletStatus},
	{is(kubelet.ErrHeaderTooLarge), cause.KubeletHeaderTooLarge},
	{is(kubelet.ErrTooLarge), cause.KubeletTooLarge},
	{is(kubelet.ErrNoMemory), cause.ServerNoMemory},
	{is(ErrOverBudget), cause.KubeletOverBudget},
	{is(decode.ErrTooMany), cause.KubeletTooMany},
	{is(ErrNoContainers), cause.KubeletNoContainers},
	{is(decode.ErrKubelet), cause.KubeletError},
	{is(decode.ErrNoExtra), cause.KubeletUnsupported},
	{is(decode.ErrTruncated), cause.KubeletTruncated},
	{is(decode.ErrEmpty), cause.KubeletEmpty},
	{is(decode.ErrSyntax), cause.KubeletSyntax},
	{is(decode.ErrPanic), cause.ServerFault},
	{is(kubelet.ErrSlow), cause.KubeletSlow},
	{is(kubelet.ErrHandshakeTimeout), cause.KubeletTLSTimeout},
	{is(context.DeadlineExceeded, os.ErrDeadlineExceeded), cause.KubeletTimeout},
	{as[*address.Error], cause.NodeRefusedAddress},
	{is(syscall.EMFILE, syscall.ENFILE), cause.ServerNoDescriptors},
	{is(syscall.ECONNREFUSED), cause.KubeletRefused},
	{as[*net.DNSError], cause.KubeletUnknownHost},
	{is(io.ErrUnexpectedEOF), cause.KubeletTruncated},
	{is(io.EOF, syscall.ECONNRESET), cause.KubeletBroken},
	{is(kubelet.ErrHandshake), cause.KubeletTLSFailed},
	{is(kubelet.ErrFraming), cause.KubeletFraming},
	{as[*net.OpError], cause.KubeletUnreachable},
	{is(kubelet.ErrMalformed), cause.KubeletMalformedHTTP},
}

// Of returns the cause of an error with which a scrape ended; cause.None for nil.
func Of(err error) cause.Cause {
	if err == nil {
		return cause.None
	}
	for _, c := range causes {
		if c.is(err) {
			return c.cause
		}
	}
	return cause.KubeletOther
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

// Addresses lists the addresses of a node that took no connection, each with its label; empty where there was only one.
func Addresses(err error) string {
	e, ok := errors.AsType[*kubelet.AddressesError](err)
	if !ok {
		return ""
	}
	var list []string
	for _, f := range e.Failed {
		list = append(list, f.Address+" "+Of(f.Err).Label())
	}
	return excerpt.Of(strings.Join(list, ", "))
}
