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

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

var errNoContainers = errors.New("the engine has no container of the node while pods run there")

// causes are in the order in which they are checked.
var causes = []struct {
	is    func(error) bool
	cause cause.Cause
}{
	{is(decode.ErrPanic), cause.EngineFault},
	{is(errNoSeries), cause.EngineNoSeries},
	{is(errNoNewSample), cause.EngineNoNewSample},
	{is(errTargetDown), cause.EngineTargetDown},
	{is(errAmbiguous), cause.EngineAmbiguous},
	{is(errNoContainers), cause.EngineNoContainers},
	{is(errPartial), cause.EnginePartial},
	{is(errTooLarge), cause.EngineTooLarge},
	{is(errSyntax), cause.EngineSyntax},
	{isRedirect, cause.EngineRedirect},
	{hasStatus(http.StatusUnauthorized, http.StatusForbidden), cause.EngineUnauthorized},
	{hasStatus(http.StatusNotFound, http.StatusMethodNotAllowed), cause.EngineNotFound},
	{isLimit, cause.EngineLimit},
	{as[*statusError], cause.EngineError},
	{is(context.DeadlineExceeded, os.ErrDeadlineExceeded), cause.EngineTimeout},
	{as[*tls.CertificateVerificationError], cause.EngineTLSUnverified},
	{is(http.ErrSchemeMismatch), cause.EngineTLSPlain},
	{as[tls.RecordHeaderError], cause.EngineTLSPlain},
	{isMalformed, cause.EngineSyntax},
	{as[*net.DNSError], cause.EngineUnknownHost},
	{is(syscall.ECONNREFUSED), cause.EngineRefused},
	{is(io.ErrUnexpectedEOF, io.EOF, syscall.ECONNRESET), cause.EngineBroken},
	{as[*net.OpError], cause.EngineUnreachable},
}

// causeOf returns the cause of an error with which a poll ended; cause.None for nil.
func causeOf(err error) cause.Cause {
	if err == nil {
		return cause.None
	}
	for _, c := range causes {
		if c.is(err) {
			return c.cause
		}
	}
	return cause.EngineOther
}

// detailsOf is what the cause leaves out: it may have addresses.
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

// isMalformed is true where the response is not HTTP: the library has no error of its own for that.
func isMalformed(err error) bool { return strings.Contains(err.Error(), "malformed HTTP") }

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
