package kubelet

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// Client sends requests to the kubelets of one source, with one set of credentials. Connections belong to the callers. It follows no redirect
// and uses no proxy, so that credentials go nowhere else. It is safe for concurrent use.
type Client struct {
	memory *Memory
	// transport returns what carries the requests of a connection: its own transport, with credentials around it.
	transport func(*Conn) (http.RoundTripper, error)
	dial      dialFunc
	// certificates is nil where kubelets are reached without TLS.
	certificates *certificates
	// verifyNodeName is Config.VerifyNodeName; false where kubelets are not verified.
	verifyNodeName bool
	// buffers are those that no request uses at the moment.
	buffers sync.Pool
}

// NewClient returns a client with the credentials of a cluster, or those of the configuration. Tokens and certificates that are in files are read
// again when the files change. The memory bounds large responses; all clients of a process share one.
func NewClient(c Config, cluster *rest.Config, memory *Memory) (*Client, error) {
	client, err := newClient(c, cluster)
	if err != nil {
		return nil, fmt.Errorf("make a client to kubelets: %w", err)
	}
	client.memory = memory
	return client, nil
}

func newClient(c Config, cluster *rest.Config) (*Client, error) {
	if c.Plain {
		return newPlainClient(newDial(c.Policy)), nil
	}
	cluster = c.restConfig(cluster)
	// A credentials plugin adds itself here: it wraps the dialer, in order to close the connections of credentials that it replaces.
	config, err := cluster.TransportConfig()
	if err != nil {
		return nil, err
	}
	client := newPlainClient(config.DialHolder.Dial)
	client.verifyNodeName = c.VerifyNodeName && !c.InsecureTLS
	if client.certificates, err = newCertificates(cluster); err != nil {
		return nil, err
	}
	withCredentials, err := newCredentials(config)
	if err != nil {
		return nil, err
	}
	client.transport = func(conn *Conn) (http.RoundTripper, error) { return withCredentials(connTransport{conn}) }
	return client, nil
}

// newPlainClient returns a client without TLS and credentials.
func newPlainClient(dial dialFunc) *Client {
	return &Client{
		dial:      dial,
		transport: func(conn *Conn) (http.RoundTripper, error) { return connTransport{conn}, nil },
		buffers:   sync.Pool{New: func() any { return newBuffers() }},
	}
}

// NewClientThrough returns a client whose requests are carried by a transport of the caller's: a simulated kubelet, or that of net/http.
func NewClientThrough(memory *Memory, transport func(*Conn) http.RoundTripper) *Client {
	return &Client{memory: memory, transport: func(conn *Conn) (http.RoundTripper, error) { return transport(conn), nil }}
}

// maxDiscarded is how many bytes are read of the body of an error. A body that was read to its end leaves a connection that can be used again.
const maxDiscarded = 4 << 10

// Get requests a URL, which has a port, over a connection and returns the body of the response, which the caller closes, and when the request was
// sent. The body has at most limit bytes. A response other than 200 is a *StatusError. The deadline of ctx bounds the whole request.
func (c *Client) Get(ctx context.Context, conn *Conn, url string, limit int64) (*Body, time.Time, error) {
	begin := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, begin, fmt.Errorf("make a request for %s: %w", WithoutQuery(url), err)
	}
	// Close to the kubelet, bytes are cheaper than their compression.
	request.Header.Set("Accept-Encoding", "identity")
	response, err := conn.send(c, request)
	if err != nil {
		return nil, begin, fmt.Errorf("get %s: %w", WithoutQuery(url), excerpt.Error(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, response.Body, maxDiscarded)
		return nil, begin, &StatusError{response.StatusCode}
	}
	// Memory is taken now that the response has begun: none is held while kubelets prepare theirs.
	body := c.memory.newBody(&conn.blocking)
	r := bodyReader{body: body, response: response, cancel: cancel}
	if err := r.read(ctx, limit); err != nil {
		body.Close()
		return nil, begin, fmt.Errorf("read the response of %s: %w", WithoutQuery(url), err)
	}
	return body, conn.sentAt, nil
}

// tlsFor is the TLS configuration for a request; nil for plain HTTP. It may read files.
func (c *Client) tlsFor(r *http.Request) *tls.Config {
	if c.certificates == nil || r.URL.Scheme != "https" {
		return nil
	}
	return c.certificates.current(r.Context())
}

// WithoutQuery returns a URL without its query, as errors show it.
func WithoutQuery(url string) string {
	url, _, _ = strings.Cut(url, "?")
	return url
}
