package fleet

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// garbageSize is how many bytes of garbage are sent.
const garbageSize = 16 << 10

// Hang accepts requests and sends nothing until the fault ends, when it responds, or the client has gone.
func Hang() Fault {
	return Fault{name: "hang", serve: func(x *exchange) {
		select {
		case <-x.released:
			x.respond()
		case <-x.r.Context().Done():
			x.hangUp()
		}
	}}
}

// Slow responds after a delay.
func Slow(delay time.Duration) Fault {
	return Fault{name: "slow by " + delay.String(), serve: func(x *exchange) {
		timer := x.fleet.options.Clock.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C():
			x.respond()
		case <-x.released:
			x.respond()
		case <-x.r.Context().Done():
			x.hangUp()
		}
	}}
}

// Status returns an HTTP status and its text, 500 and 404 for example.
func Status(code int) Fault {
	return Fault{name: "status " + strconv.Itoa(code), serve: func(x *exchange) {
		http.Error(x.w, http.StatusText(code), code)
	}}
}

// ScrapeError responds as a kubelet that failed to read its containers: /metrics/resource with status 200 and nothing but
// resource_scrape_error 1, the summary with status 500.
func ScrapeError() Fault {
	return Fault{name: "scrape error", serve: func(x *exchange) {
		if x.path == PathResource {
			x.send(contentTypeText, []byte(scrapeError))
			return
		}
		http.Error(x.w, "Internal Error: failed to list pod stats", http.StatusInternalServerError)
	}}
}

// NoContainers serves /metrics/resource with the series of the node and of the pods but none of their containers, as kubelets do
// whose runtime does not report containers. The summary is complete.
func NoContainers() Fault {
	return Fault{name: "no containers", path: PathResource, serve: func(x *exchange) {
		x.noContainers = true
		x.respond()
	}}
}

// Empty returns status 200 and no body.
func Empty() Fault {
	return Fault{name: "empty", serve: func(x *exchange) {
		x.w.Header().Set("Content-Length", "0")
		x.w.WriteHeader(http.StatusOK)
	}}
}

// Garbage returns random bytes, the same ones each time for one node.
func Garbage() Fault {
	return Fault{name: "garbage", serve: func(x *exchange) {
		var seed [32]byte
		copy(seed[:], x.node.name)
		body := make([]byte, garbageSize)
		_, _ = rand.NewChaCha8(seed).Read(body)
		x.send(contentTypeText, body)
	}}
}

// HTML returns status 200 and a page of HTML, as a proxy in between does.
func HTML() Fault {
	return Fault{name: "HTML", serve: func(x *exchange) {
		x.send("text/html; charset=utf-8", []byte("<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n"))
	}}
}

// Truncate announces a complete body and closes the connection in the middle of it.
func Truncate() Fault {
	return Fault{name: "truncate", serve: func(x *exchange) {
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		x.w.Header().Set("Content-Type", x.renderUnlogged(p))
		x.w.Header().Set("Content-Length", strconv.Itoa(len(p.body)))
		_, _ = x.w.Write(p.body[:len(p.body)/2])
	}}
}

// Huge returns a body that does not end: blank lines, which are legal in both formats.
func Huge() Fault {
	return Fault{name: "huge", serve: func(x *exchange) { x.flood(x.w, "\n") }}
}

// Bomb returns a compressed body that does not end and grows about a thousand times when it is read. It does not
// depend on whether the client accepts gzip.
func Bomb() Fault {
	return Fault{name: "bomb", serve: func(x *exchange) {
		var member bytes.Buffer // Compressed bodies that follow each other are one.
		z := gzip.NewWriter(&member)
		_, _ = z.Write(bytes.Repeat([]byte("\n"), sentAtOnce))
		_ = z.Close()
		x.w.Header().Set("Content-Encoding", "gzip")
		x.flood(x.w, member.String())
	}}
}

// flood writes a piece again and again until the fault ends or the client has gone.
func (x *exchange) flood(w io.Writer, piece string) {
	pieces := bytes.Repeat([]byte(piece), sentAtOnce/len(piece))
	for {
		select {
		case <-x.released:
			return
		case <-x.r.Context().Done():
			return
		default:
		}
		if _, err := w.Write(pieces); err != nil {
			return
		}
	}
}

// Redirect returns status 302 and another URL.
func Redirect(location string) Fault {
	return Fault{name: fmt.Sprintf("redirect to %q", location), serve: func(x *exchange) {
		http.Redirect(x.w, x.r, location, http.StatusFound)
	}}
}

// DropConnections closes new connections when they are accepted, before TLS, and those that exist at their next request.
func DropConnections() Fault {
	return Fault{name: "drop connections", drop: true, serve: (*exchange).hangUp}
}

// hangUp ends the connection without a response. Where the client has gone it may yet listen: what the server sends at a handler's end
// would be an empty response to it.
func (x *exchange) hangUp() {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		http.Error(x.w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = conn.Close()
}
