package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/decode"
)

// TestCausesOfErrors has an error of each kind that a query can end with.
func TestCausesOfErrors(t *testing.T) {
	for code, err := range map[string]error{
		"PLM-ENGINE-FAULT":          decode.ErrPanic,
		"PLM-ENGINE-NO-SERIES":      errNoSeries,
		"PLM-ENGINE-NO-NEW-SAMPLE":  errNoNewSample,
		"PLM-ENGINE-TARGET-DOWN":    errTargetDown,
		"PLM-ENGINE-AMBIGUOUS":      errAmbiguous,
		"PLM-ENGINE-NO-CONTAINERS":  errNoContainers,
		"PLM-ENGINE-PARTIAL":        errPartial,
		"PLM-ENGINE-TOO-LARGE":      errTooLarge,
		"PLM-ENGINE-SYNTAX":         errSyntax,
		"PLM-ENGINE-REDIRECT":       &statusError{code: http.StatusFound},
		"PLM-ENGINE-UNAUTHORIZED":   &statusError{code: http.StatusForbidden},
		"PLM-ENGINE-NOT-FOUND":      &statusError{code: http.StatusNotFound},
		"PLM-ENGINE-LIMIT":          &statusError{code: http.StatusTooManyRequests},
		"PLM-ENGINE-ERROR":          &statusError{code: http.StatusInternalServerError},
		"PLM-ENGINE-TIMEOUT":        context.DeadlineExceeded,
		"PLM-ENGINE-TLS-UNVERIFIED": &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"PLM-ENGINE-TLS-PLAIN":      http.ErrSchemeMismatch,
		"PLM-ENGINE-UNKNOWN-HOST":   &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host"}},
		"PLM-ENGINE-REFUSED":        &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"PLM-ENGINE-BROKEN":         io.ErrUnexpectedEOF,
		"PLM-ENGINE-UNREACHABLE":    &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH},
		"PLM-ENGINE-OTHER":          errors.New("unexpected"),
	} {
		if got := causeOf(fmt.Errorf("query http://10.0.0.9:9090: %w", err)); got.String() != code {
			t.Errorf("the cause of %v is %s, want %s", err, got, code)
		}
	}
	for want, err := range map[cause.Cause]error{
		cause.EngineTLSPlain: tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"},
		cause.EngineSyntax:   errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH_9"`),
	} {
		if got := causeOf(fmt.Errorf("query http://10.0.0.9:22: %w", err)); got != want {
			t.Errorf("the cause of %v is %s, want %s", err, got, want)
		}
	}
	if got := causeOf(nil); got != cause.None {
		t.Errorf("the cause of no error is %s", got)
	}
}
