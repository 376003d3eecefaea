package scrape

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// maxIdle is how long a connection may have been idle to be used again. A kubelet closes it after 90 seconds.
const maxIdle = 85 * time.Second

// line is the connection that a loop has to its kubelet, from one look to the next. Its zero value has none yet. It carries one request
// at a time, and belongs to one goroutine.
type line struct {
	conn *conn
	// connector, host and trust are what the connection was made by, to, and with.
	connector *connector
	host      string
	trust     *tls.Config
	// hosts are those of the target, as in target.Target; empty where there is only that of the URL. first is the one to try first: the one
	// that worked last.
	hosts, first string
	// proven is true where first has answered, and did not fail to since.
	proven bool
	// sent is when the latest request was, used when its answer had been read.
	sent, used time.Time
	// heard is true once something of the answer to the latest request has come, inUse until that answer is closed.
	heard, inUse bool
	// rest, where it is not nil, leaves the kubelet to its answer for a while.
	rest func()
	// holdUp, where it is not nil, is told when the kubelet begins to hold up whoever asks, and when it ceases to.
	holdUp    func(bool)
	isOutside bool
	// unrequested, where it is not nil, is called when the connection is about to be closed because the kubelet sent bytes that no request asked for.
	unrequested func(ctx context.Context)
	// once is true where the line ends with its first answer.
	once bool
}

type lineKey struct{}

// onLine has a request go over a line; over one of its own if that is nil.
func onLine(ctx context.Context, l *line) context.Context {
	if l == nil {
		return ctx
	}
	return context.WithValue(ctx, lineKey{}, l)
}

// lineOf is the line of a request, or one that ends with the answer.
func lineOf(ctx context.Context) *line {
	if l, ok := ctx.Value(lineKey{}).(*line); ok && !l.inUse {
		return l
	}
	return &line{once: true}
}

// hangUp closes the connection, if there is one.
func (l *line) hangUp() {
	if l.conn != nil {
		l.conn.Close()
	}
	l.conn, l.inUse = nil, false
}

// asked is when the kubelet was sent the question, which began to be asked at a time. An answer that has come may have waited to be read.
// A nil line gives the latter.
func (l *line) asked(begin time.Time) time.Time {
	if l != nil && l.sent.After(begin) {
		return l.sent
	}
	return begin
}

// reusable gives up a connection that is too old, or leads elsewhere than the request. It tells whether there still is one.
func (l *line) reusable(c *connector, r *http.Request) bool {
	trust := c.trustFor(r)
	if l.conn != nil && (l.connector != c || !l.leadsTo(r.URL) || l.trust != trust || time.Since(l.used) > maxIdle ||
		!l.isUsable(r.Context(), l.conn.checkIdle(true))) {
		l.hangUp()
	}
	return l.conn != nil
}

// isUsable is true where a check of the connection found nothing. It reports bytes that no request asked for.
func (l *line) isUsable(ctx context.Context, found error) bool {
	if errors.Is(found, errUnrequested) && l.unrequested != nil {
		l.unrequested(ctx)
	}
	return found == nil
}

// leadsTo is true where the connection was made to a host of the target.
func (l *line) leadsTo(to *url.URL) bool {
	if l.hosts == "" {
		return l.host == hostPort(to)
	}
	return hasHost(l.hosts, l.host)
}

// trustFor is nil for plain HTTP.
func (c *connector) trustFor(r *http.Request) *tls.Config {
	if c.trust == nil || r.URL.Scheme != "https" {
		return nil
	}
	return c.trust.current(r.Context())
}

// ask sends a request and reads the header of its answer, over the connection that there is or a new one. After an error there is none.
func (l *line) ask(c *connector, r *http.Request) (response *http.Response, err error) {
	l.heard = false
	fresh := l.conn == nil
	if fresh {
		if err = l.connect(c, r); err != nil {
			return nil, err
		}
	}
	l.conn.attach(c.buffers.Get().(*buffers))
	wire := l.conn.wire
	// Only closing ends a read that waits.
	stop := context.AfterFunc(r.Context(), func() { wire.Close() })
	response, err = l.exchange(r)
	if err != nil {
		stop()
		if !l.heard && (fresh || r.Context().Err() != nil) {
			l.unanswered(l.host)
		}
		l.drop()
		return nil, err
	}
	l.inUse, l.proven = true, true
	last := response.Close || response.StatusCode < http.StatusOK
	response.Body = &answer{body: response.Body, line: l, ctx: r.Context(), stop: stop, last: last}
	return response, nil
}

// unanswered has the next request begin at another host than one that took a connection and gave no answer: the server there may be none
// of the node's. A host that has answered before may fail once.
func (l *line) unanswered(host string) {
	if host == l.first && l.proven {
		l.proven = false
		return
	}
	l.first, l.proven = after(l.hosts, host), false
}

// connect makes a connection to the first host of the target that takes one.
func (l *line) connect(c *connector, r *http.Request) error {
	trust, hosts := c.trustFor(r), inOrder(l.hosts, l.first)
	if len(hosts) == 0 {
		hosts = []string{hostPort(r.URL)}
	}
	var failed []attempt
	for i, host := range hosts {
		opened, err := c.open(r.Context(), dialShare(i, len(hosts)), host, trust, l.holdUp)
		if err == nil {
			l.proven = l.proven && l.first == host
			l.conn, l.connector, l.host, l.trust, l.first = opened, c, host, trust, host
			return nil
		}
		failed = append(failed, attempt{host, err})
		if r.Context().Err() != nil {
			if errors.Is(err, errHandshake) {
				l.unanswered(host)
			}
			break
		}
	}
	if len(hosts) == 1 {
		return failed[0].err
	}
	return &addressesError{failed}
}

func (l *line) exchange(r *http.Request) (*http.Response, error) {
	if err := l.conn.send(r, l.host); err != nil {
		return nil, err
	}
	l.sent = time.Now()
	l.pause(r.Context())
	if err := l.conn.heard(); err != nil {
		return nil, err
	}
	l.heard = true
	return l.conn.receive(r)
}

// pause leaves the kubelet to its answer, and the buffers to others. It does not where the answer has to be there soon.
func (l *line) pause(ctx context.Context) {
	deadline, bound := ctx.Deadline()
	if l.rest == nil || bound && time.Until(deadline) < patient {
		return
	}
	l.connector.buffers.Put(l.conn.detach())
	l.rest()
	l.conn.attach(l.connector.buffers.Get().(*buffers))
}

// patient is how much time a question has at least to be rested upon.
const patient = 500 * time.Millisecond

// outside marks what happens between the question and the connection as being held up: a plugin for credentials, or the files that they are in.
func (l *line) outside(is bool) {
	if l != nil && l.holdUp != nil && l.isOutside != is {
		l.isOutside = is
		l.holdUp(is)
	}
}

// drop ends the connection, whatever state it is in.
func (l *line) drop() {
	l.connector.buffers.Put(l.conn.detach())
	l.hangUp()
}

// keep leaves the connection to the next request, if it can serve one.
func (l *line) keep(ctx context.Context) {
	usable := l.isUsable(ctx, l.conn.checkAfterResponse())
	l.connector.buffers.Put(l.conn.detach())
	l.used, l.inUse = time.Now(), false
	if !usable || l.once {
		l.hangUp()
		return
	}
	l.conn.wire.calm()
}

// answer is a body. Closing it gives the connection back to the line; one that was not read to its end costs the connection.
type answer struct {
	body io.Reader
	line *line
	ctx  context.Context
	stop func() bool
	// last is true where the kubelet wants to close the connection, ended once all is read.
	last, ended, closed bool
}

// Read implements io.Reader.
func (a *answer) Read(p []byte) (int, error) {
	if a.ended || a.closed {
		return 0, io.EOF
	}
	n, err := a.body.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		a.ended = true
	case err != nil && a.ctx.Err() != nil:
		err = context.Cause(a.ctx)
	case err != nil:
		err = excerpt.Error(fmt.Errorf("%w: %w", errMalformed, err))
	}
	return n, err
}

// Close implements io.Closer.
func (a *answer) Close() error {
	if a.closed {
		return nil
	}
	a.closed = true
	if a.stop() && a.ended && !a.last {
		a.line.keep(a.ctx)
	} else {
		a.line.drop()
	}
	return nil
}
