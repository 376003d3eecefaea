package kubelet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// Errors that Get wraps. It also wraps those of crypto/tls, crypto/x509, net and syscall, http.ErrSchemeMismatch where the kubelet responds
// without TLS, io.EOF and io.ErrUnexpectedEOF where a response ends early, *address.Error where the address is not allowed, and
// context.DeadlineExceeded.
var (
	// ErrTooLarge means that the body has more bytes than the limit.
	ErrTooLarge = errors.New("the response is too large")
	// ErrHeaderTooLarge means that the header does not end, or that too many interim responses precede it.
	ErrHeaderTooLarge = errors.New("the header of the response is too large")
	// ErrMalformed means that the response is invalid HTTP: its first line, a field of its header, its length or its chunks. It may come with an
	// error of the network, which is the cause then.
	ErrMalformed = errors.New("the response is malformed HTTP")
	// ErrMalformedTLS means that what the kubelet sent over an established connection is invalid TLS, or a message of TLS that no kubelet has a reason to send.
	ErrMalformedTLS = errors.New("the kubelet sent invalid TLS")
	// ErrFraming means that a response takes many times more bytes on the network than it has.
	ErrFraming = fmt.Errorf("a response takes more than %d bytes on the network and %d times its body", minAllowed, allowedPerByte)
	// ErrSlow means that a response began, and did not end in time. It comes with the error of the context.
	ErrSlow = errors.New("the response did not end in time")
	// ErrHandshake means that the TLS handshake failed, ErrHandshakeTimeout that it did not end in time.
	ErrHandshake        = errors.New("the TLS handshake failed")
	ErrHandshakeTimeout = fmt.Errorf("%w: it did not end in time", ErrHandshake)
	// ErrOtherNode means that the certificate is that of the kubelet of another node.
	ErrOtherNode = errors.New("the certificate is that of another node's kubelet")
	// ErrNoMemory means that a large response waited in vain for memory that other large responses use.
	ErrNoMemory = errors.New("other large responses use the memory that this one needs")
)

var (
	// errTooSlow means that a large response came too slowly to keep its memory.
	errTooSlow = fmt.Errorf("%w: less than %d KiB of a large response came in %s: %w", ErrSlow, paceBytes>>10, pace, context.DeadlineExceeded)
	// errInUse means that a credentials plugin sent a second request before it closed the response to the first one.
	errInUse = errors.New("the connection is in use by another request")
)

// StatusError is a response with a status code other than 200.
type StatusError struct{ Code int }

// Error names the status code.
func (e *StatusError) Error() string {
	return fmt.Sprintf("the kubelet responded %d %s", e.Code, http.StatusText(e.Code))
}

// AddressesError means that no connection could be made to any of the addresses of a kubelet. It wraps the error of each.
type AddressesError struct{ Failed []FailedAddress }

// FailedAddress is one address, a host and a port, to which no connection could be made, and why.
type FailedAddress struct {
	Address string
	Err     error
}

// Error lists the addresses with their errors, in the length of an excerpt.
func (e *AddressesError) Error() string {
	texts := make([]string, 0, len(e.Failed))
	for _, f := range e.Failed {
		texts = append(texts, f.Address+": "+f.Err.Error())
	}
	return excerpt.Of(strings.Join(texts, "; "))
}

// Unwrap returns the error of each address.
func (e *AddressesError) Unwrap() []error {
	errs := make([]error, 0, len(e.Failed))
	for _, f := range e.Failed {
		errs = append(errs, f.Err)
	}
	return errs
}
