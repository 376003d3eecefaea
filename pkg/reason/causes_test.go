package reason

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

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// TestCausesOfErrors has an error of each kind that a scrape can end with, wrapped as the scraper wraps it.
func TestCausesOfErrors(t *testing.T) {
	for code, err := range map[string]error{
		"PLM-KUBELET-TLS-UNKNOWN-AUTHORITY":   &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"PLM-KUBELET-TLS-OTHER-NODE":          kubelet.ErrOtherNode,
		"PLM-KUBELET-TLS-WRONG-NAME":          &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}},
		"PLM-KUBELET-TLS-INVALID-CERTIFICATE": &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}},
		"PLM-KUBELET-TLS-UNVERIFIED":          &tls.CertificateVerificationError{Err: errors.New("unhandled critical extension")},
		"PLM-KUBELET-TLS-MALFORMED":           kubelet.ErrMalformedTLS,
		"PLM-KUBELET-TLS-REFUSED":             tls.AlertError(80),
		"PLM-KUBELET-TLS-PLAIN":               http.ErrSchemeMismatch,
		"PLM-KUBELET-TLS-TIMEOUT":             fmt.Errorf("%w: %w", kubelet.ErrHandshakeTimeout, context.DeadlineExceeded),
		"PLM-KUBELET-TLS-FAILED":              kubelet.ErrHandshake,
		"PLM-KUBELET-UNAUTHENTICATED":         &kubelet.StatusError{Code: http.StatusUnauthorized},
		"PLM-KUBELET-FORBIDDEN":               &kubelet.StatusError{Code: http.StatusForbidden},
		"PLM-KUBELET-NOT-FOUND":               &kubelet.StatusError{Code: http.StatusNotImplemented},
		"PLM-KUBELET-REDIRECT":                &kubelet.StatusError{Code: http.StatusFound},
		"PLM-KUBELET-STATUS":                  &kubelet.StatusError{Code: http.StatusInternalServerError},
		"PLM-KUBELET-HEADER-TOO-LARGE":        kubelet.ErrHeaderTooLarge,
		"PLM-KUBELET-TOO-LARGE":               kubelet.ErrTooLarge,
		"PLM-KUBELET-TOO-MANY":                decode.ErrTooMany,
		"PLM-KUBELET-FRAMING":                 kubelet.ErrFraming,
		"PLM-KUBELET-OVER-BUDGET":             ErrOverBudget,
		"PLM-KUBELET-NO-CONTAINERS":           ErrNoContainers,
		"PLM-KUBELET-ERROR":                   decode.ErrKubelet,
		"PLM-KUBELET-UNSUPPORTED":             decode.ErrNoExtra,
		"PLM-KUBELET-TRUNCATED":               decode.ErrTruncated,
		"PLM-KUBELET-EMPTY":                   decode.ErrEmpty,
		"PLM-KUBELET-SYNTAX":                  decode.ErrSyntax,
		"PLM-KUBELET-MALFORMED-HTTP":          kubelet.ErrMalformed,
		"PLM-KUBELET-SLOW":                    fmt.Errorf("%w: %w", kubelet.ErrSlow, context.DeadlineExceeded),
		"PLM-KUBELET-TIMEOUT":                 context.DeadlineExceeded,
		"PLM-KUBELET-REFUSED":                 &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"PLM-KUBELET-UNKNOWN-HOST":            &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host"}},
		"PLM-KUBELET-BROKEN":                  io.EOF,
		"PLM-KUBELET-UNREACHABLE":             &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH},
		"PLM-KUBELET-OTHER":                   errors.New("unexpected"),
		"PLM-SERVER-NO-MEMORY":                kubelet.ErrNoMemory,
		"PLM-SERVER-NO-DESCRIPTORS":           &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EMFILE},
		"PLM-SERVER-FAULT":                    decode.ErrPanic,
		"PLM-NODE-REFUSED-ADDRESS":            &address.Error{Address: "169.254.1.7", Reason: "is link-local"},
	} {
		if got := Of(fmt.Errorf("scrape https://10.0.0.7:10250/metrics/resource: %w", err)); got.String() != code {
			t.Errorf("the cause of %v is %s, want %s", err, got, code)
		}
	}
	if got := Of(nil); got != cause.None {
		t.Errorf("the cause of no error is %s", got)
	}
}
