package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
)

// maxResponse bounds a response, in bytes: 100 nodes with 250 pods each, of all labels that kubelets and targets have, are less.
const maxResponse = 64 << 20

var errTooLarge = errors.New("the engine's response is too large")

// Opener sends requests to a server: endpoint.Endpoint is one. Its text is the address without secrets.
type Opener interface {
	Open(ctx context.Context, target string, body []byte, header http.Header) (*http.Response, error)
	fmt.Stringer
}

// Client asks one engine. It is safe for concurrent use.
type Client struct {
	// Endpoint is the engine's, below which /api/v1/query is. It has credentials of its own.
	Endpoint Opener
	// Parameters are sent with each query, such as dedup=true.
	Parameters url.Values
	// Timeout bounds one query.
	Timeout time.Duration
}

// statusError is a response of the engine that has no result.
type statusError struct {
	code int
	// kind and text are the engine's own, or empty.
	kind, text string
}

func (e *statusError) Error() string {
	return strings.TrimRight(fmt.Sprintf("the engine responded with status %d: %s: %s", e.code, e.kind, e.text), ": ")
}

// errPartial is a response that leaves something out.
var errPartial = errors.New("the engine's response is not complete")

// query asks for the series of a range selector, and calls series with each of them as they come. What series was called with must not be used where
// there is an error.
func (c *Client) query(ctx context.Context, text string, series func([]label, []point)) (size int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	body, err := c.post(ctx, text)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	limited := &io.LimitedReader{R: body, N: maxResponse + 1}
	var a outcome
	err = decode.Safely(func() (err error) {
		a, err = readResponse(limited, series)
		return err
	})
	size = maxResponse + 1 - limited.N
	switch {
	case limited.N <= 0:
		return size, fmt.Errorf("%w: more than %d bytes", errTooLarge, maxResponse)
	case err != nil:
		return size, err
	case a.status != "success":
		return size, &statusError{http.StatusOK, a.errorType, a.errorText}
	case a.partial:
		return size, errPartial
	case a.warnings > 0:
		return size, fmt.Errorf("%w: %d warnings, of which the first is %q", errPartial, a.warnings, a.warning)
	}
	return size, nil
}

// post sends a query. The caller closes the body of the response.
func (c *Client) post(ctx context.Context, text string) (io.ReadCloser, error) {
	form := url.Values{"query": {text}, "timeout": {strconv.FormatFloat(c.Timeout.Seconds(), 'f', -1, 64)}}
	maps.Copy(form, c.Parameters)
	response, err := c.Endpoint.Open(ctx, "/api/v1/query", []byte(form.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"Accept":       {"application/json"},
		// Compressing costs the engine more than the network, as a rule.
		"Accept-Encoding": {"identity"},
	})
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		return nil, readError(response)
	}
	return response.Body, nil
}

// readError reads an error of the engine, of which the API has JSON and proxies have text.
func readError(response *http.Response) error {
	e := &statusError{code: response.StatusCode}
	limited := io.LimitReader(response.Body, 16<<10)
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "application/json" {
		a, _ := readResponse(limited, func([]label, []point) {}) // What cannot be read has no text.
		e.kind, e.text = a.errorType, a.errorText
		return e
	}
	text, _ := io.ReadAll(io.LimitReader(limited, maxText)) // The status says what failed.
	e.text = strings.TrimSpace(string(text))
	return e
}
