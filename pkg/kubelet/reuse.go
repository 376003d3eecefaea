package kubelet

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"time"
)

// maxIdle is how long a connection may have been idle to be used again. A kubelet closes it after 90 seconds.
const maxIdle = 85 * time.Second

// isReusable is true where there is a connection that can carry the request. It closes a connection that is too old, leads to another address, was
// made with another TLS configuration or brought bytes that no request asked for.
func (c *Conn) isReusable(r *http.Request, config *tls.Config) bool {
	p := c.persistent
	if p != nil && (!slices.Contains(c.addressesFor(r.URL), p.address) || p.config != config || time.Since(p.usedAt) > maxIdle ||
		!c.isUsable(r.Context(), p.checkIdle())) {
		c.Close()
	}
	return c.persistent != nil
}

// isUsable is true where a check of the connection returned no error. It reports bytes that no request asked for.
func (c *Conn) isUsable(ctx context.Context, err error) bool {
	if errors.Is(err, errUnrequested) && c.OnUnrequestedBytes != nil {
		c.OnUnrequestedBytes(ctx)
	}
	return err == nil
}

// putIdle keeps the connection for the next request, if it is usable.
func (c *Conn) putIdle(ctx context.Context) {
	p := c.persistent
	usable := c.isUsable(ctx, p.checkAfterResponse())
	c.returnBuffers()
	p.usedAt, c.inUse = time.Now(), false
	if usable {
		c.quiet(p)
	} else {
		c.Close()
	}
}

// quiet lets the kernel gather what comes. A worker that yields reads late, and profits from it.
func (c *Conn) quiet(p *persistConn) {
	if c.Worker != nil {
		p.records.quiet()
	}
}
