package endpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// maxBody is how much of a response is read, in bytes. A system that refuses data says why in less.
const maxBody = 64 << 10

// Endpoint is where a sink's requests go. Any number of goroutines may use it.
type Endpoint struct {
	config Config
	client *http.Client
	// shown is the address without secrets.
	shown string
}

// New returns the endpoint of a configuration. It reads the files that the configuration names, and sends nothing.
func New(c Config) (*Endpoint, error) {
	shown, err := c.Address()
	if err != nil {
		return nil, err
	}
	client, err := rest.HTTPClientFor(c.Rest())
	if err != nil {
		return nil, fmt.Errorf("TLS for %s: %w", shown, err)
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Endpoint{config: c, client: client, shown: shown}, nil
}

// String is the address without secrets.
func (e *Endpoint) String() string { return e.shown }

// Post sends one request, with these header fields beside those of the configuration, and returns the response whatever its status is. The error is that of
// a request without a response. The target, a path that may have a query, is appended to the URL; it is empty where the URL is complete.
func (e *Endpoint) Post(ctx context.Context, target string, body []byte, header http.Header) (Response, error) {
	resp, err := e.Open(ctx, target, body, header)
	if err != nil {
		return Response{}, err
	}
	defer resp.Body.Close()
	// A body that breaks off says less of why, and the status stays true.
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return Response{Status: resp.StatusCode, Header: resp.Header, Body: e.config.Redact(text), from: e.shown}, nil
}

// Open sends a request as Post does, and returns the response with a body that has not been read, unless its status is one of an error. The caller bounds what
// is read of it, and closes it.
func (e *Endpoint) Open(ctx context.Context, target string, body []byte, header http.Header) (*http.Response, error) {
	req, err := e.request(ctx, target, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.shown, err)
	}
	maps.Copy(req.Header, header)
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, e.wrap(err)
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody)) // As in Post.
		resp.Body = io.NopCloser(bytes.NewReader(e.config.Redact(text)))
	}
	return resp, nil
}

func (e *Endpoint) request(ctx context.Context, target string, body []byte) (*http.Request, error) {
	url := e.config.URL
	if target != "" {
		url = strings.TrimSuffix(url, "/") + target
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	authorization, err := e.config.Authorization()
	if err != nil {
		return nil, err
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	for name, value := range e.config.Header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// wrap names the address without secrets, and shortens what the server may have chosen, such as a line that is not HTTP. The library's own error has the query
// of the URL.
func (e *Endpoint) wrap(err error) error {
	if inner, ok := errors.AsType[*url.Error](err); ok {
		err = inner.Err
	}
	if errors.Is(err, context.DeadlineExceeded) { // The caller's, or that of the client: which one is first differs each time.
		return fmt.Errorf("%s: no response in time: %w", e.shown, context.DeadlineExceeded)
	}
	return fmt.Errorf("%s: %w", e.shown, excerpt.Error(err))
}
