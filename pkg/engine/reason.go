package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/reason"
)

var errNoContainers = errors.New("the engine has no container of the node while pods run there")

// reasons are in the order in which they are checked. Their codes are values of a metric's label. No message names an address.
var reasons = []struct {
	is     func(error) bool
	reason reason.Reason
}{
	{is(decode.ErrPanic), reason.Reason{Code: "engine_fault", Message: "the engine's response met a fault in Plimsoll: report it with the log"}},
	{is(errNoSeries), reason.Reason{Code: "engine_no_series", Message: "the engine has no recent sample of the node's containers: check that it scrapes the node's kubelet, and that the options nodeLabel, match and window fit its series"}},
	{is(errNoNewSample), reason.Reason{Code: "engine_no_new_sample", Message: "the engine has got no new sample of the node's containers: see whether it still scrapes the node's kubelet, or what writes to it"}},
	{is(errTargetDown), reason.Reason{Code: "engine_target_down", Message: "the engine could not scrape the node's kubelet: see the targets of the engine"}},
	{is(errAmbiguous), reason.Reason{Code: "engine_ambiguous", Message: "the engine has the node's series more than once, as of two clusters or two jobs: name one of them with the option match, or the label of replicas with replicaLabel"}},
	{is(errNoContainers), reason.Reason{Code: "engine_no_containers", Message: "the engine has samples of the node and none of its containers although pods run there: check that the engine keeps the containers' series"}},
	{is(errPartial), reason.Reason{Code: "engine_partial", Message: "the engine's response is not complete: see the log, and the health of the engine's stores"}},
	{is(errTooLarge), reason.Reason{Code: "engine_too_large", Message: "the engine's response is too large: give a lower shardSize, a shorter window, or a match that selects fewer series"}},
	{is(errSyntax), reason.Reason{Code: "engine_syntax", Message: "what responds at the engine's address is not a Prometheus-compatible engine: check the address and its path"}},
	{isRedirect, reason.Reason{Code: "engine_redirect", Message: "the engine redirects the query, which is not followed: give the address to which it redirects"}},
	{hasStatus(http.StatusUnauthorized, http.StatusForbidden), reason.Reason{Code: "engine_unauthorized", Message: "the engine does not accept the credentials (401 or 403): check the options tokenFile, user, pwFile and tenant"}},
	{hasStatus(http.StatusNotFound, http.StatusMethodNotAllowed), reason.Reason{Code: "engine_not_found", Message: "there is no /api/v1/query below the engine's address (404 or 405): check the path of the address"}},
	{isLimit, reason.Reason{Code: "engine_limit", Message: "the query exceeds a limit of the engine: give a lower shardSize, or raise the limit, which the log names"}},
	{as[*statusError], reason.Reason{Code: "engine_error", Message: "the engine responded with an error: see the log"}},
	{is(context.DeadlineExceeded, os.ErrDeadlineExceeded), reason.Reason{Code: "engine_timeout", Message: "the engine did not respond in time: see the option requestTimeout and the engine's load"}},
	{as[*tls.CertificateVerificationError], reason.Reason{Code: "engine_tls", Message: "the engine's certificate could not be verified: name its authority with the option caFile"}},
	{is(http.ErrSchemeMismatch), reason.Reason{Code: "engine_tls", Message: "the engine does not speak TLS: write http:// in its address"}},
	{as[*net.DNSError], reason.Reason{Code: "engine_unknown_host", Message: "the engine's host name cannot be resolved: check the address"}},
	{is(syscall.ECONNREFUSED), reason.Reason{Code: "engine_refused", Message: "the engine's port refused the connection: check that the engine is running, and its address"}},
	{is(io.ErrUnexpectedEOF, io.EOF, syscall.ECONNRESET), reason.Reason{Code: "engine_broken", Message: "the engine's response ends in the middle: see the engine's log, and check for a proxy in between"}},
	{as[*net.OpError], reason.Reason{Code: "engine_unreachable", Message: "the engine cannot be reached: check routes, firewalls and network policies"}},
}

// reasonOf returns the reason of an error with which a poll ended; the zero value for nil.
func reasonOf(err error) reason.Reason {
	if err == nil {
		return reason.Reason{}
	}
	for _, r := range reasons {
		if r.is(err) {
			return r.reason
		}
	}
	return reason.Reason{Code: "engine_other", Message: "the query of the engine failed: see the log"}
}

// detailsOf is what the reason leaves out: it may have addresses.
func detailsOf(err error) string {
	if err == nil {
		return ""
	}
	return excerpt.Of(err.Error())
}

func is(targets ...error) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func hasStatus(codes ...int) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*statusError](err)
		return ok && slices.Contains(codes, e.code)
	}
}

func isRedirect(err error) bool {
	e, ok := errors.AsType[*statusError](err)
	return ok && e.code/100 == 3
}

// isLimit is true for an error by which an engine protects itself: no engine has a code of its own for these.
func isLimit(err error) bool {
	e, ok := errors.AsType[*statusError](err)
	if !ok {
		return false
	}
	text := strings.ToLower(e.text)
	return e.code == http.StatusRequestEntityTooLarge || e.code == http.StatusTooManyRequests ||
		slices.ContainsFunc([]string{"limit", "too many", "exceed"}, func(word string) bool { return strings.Contains(text, word) })
}
