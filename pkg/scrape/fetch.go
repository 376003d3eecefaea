package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// maxBody bounds a kubelet's answer, in bytes: twice the full summary of a node with 2,500 pods of two containers. Where memory is
// limited an answer may have less: see Memory.
const maxBody = 32 << 20

// maxReason bounds what is read of an answer that is not used, in bytes.
const maxReason = 4 << 10

// errTooLarge is an answer of more than maxBody bytes.
var errTooLarge = errors.New("the answer is too large")

// statusError is an answer other than 200.
type statusError struct{ code int }

func (e *statusError) Error() string {
	return fmt.Sprintf("the kubelet answered %d %s", e.code, http.StatusText(e.code))
}

// question is what one kubelet is asked once, and how.
type question struct {
	client  *http.Client
	timeout time.Duration
	url     string
	// line is the connection to use, and to keep; nil for one that serves this question only.
	line *line
	// hosts are where the kubelet may be, as in target.Target.
	hosts string
	// limit bounds the answer, in bytes, and budget the time for which a large one is decoded.
	limit  int64
	budget time.Duration
}

// fetch returns the answer, in one of the payloads, which the caller closes. It takes it only when the answer has begun: while kubelets
// make theirs, nothing is held for them.
func fetch(ctx context.Context, q question, bodies *payloads) (*payload, error) {
	ctx, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(onLine(ctx, q.line), http.MethodGet, q.url, nil)
	if err != nil {
		return nil, fmt.Errorf("make a request for %s: %w", withoutQuery(q.url), err)
	}
	// Close to the kubelet bytes are cheaper than packing and unpacking them.
	request.Header.Set("Accept-Encoding", "identity")
	if q.line != nil {
		q.line.hosts = q.hosts
	}
	q.line.outside(true)
	response, err := q.client.Transport.RoundTrip(request) // No redirect is followed, nor read.
	q.line.outside(false)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", withoutQuery(q.url), excerpt.Error(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		// What is read to its end leaves a connection that can be used again.
		_, _ = io.CopyN(io.Discard, response.Body, maxReason)
		return nil, &statusError{response.StatusCode}
	}
	b := bodies.get()
	if err := b.read(ctx, q, response, cancel); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// withoutQuery is an address as people know it.
func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}
