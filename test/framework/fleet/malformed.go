package fleet

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Responses that are no HTTP, or whose HTTP does not fit what is sent.

// StatusLine returns a status line of so many bytes that cannot be printed, without a status.
func StatusLine(size int) Fault {
	return raw(fmt.Sprintf("a status line of %d bytes", size), func(*exchange) []byte {
		return []byte("HTTP/1.1 " + strings.Repeat("\x01", size) + "\r\nContent-Length: 0\r\n\r\n")
	})
}

// BadChunk returns a chunk whose size is no number.
func BadChunk() Fault {
	return raw("a chunk without a size", func(*exchange) []byte {
		return []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\nabc\r\n0\r\n\r\n")
	})
}

// BadLength returns a Content-Length that is no number.
func BadLength() Fault {
	return raw("a length that is no number", func(*exchange) []byte {
		return []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: -12x\r\n\r\nresource_scrape_error 0\n")
	})
}

// EarlyEnd returns the first half of a healthy response, to the end of a line, and with a Content-Length that fits it.
func EarlyEnd() Fault {
	return Fault{name: "an early end", serve: func(x *exchange) {
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		x.w.Header().Set("Content-Type", x.renderUnlogged(p))
		half := p.body[:len(p.body)/2]
		half = half[:bytes.LastIndexByte(half, '\n')+1]
		x.w.Header().Set("Content-Length", strconv.Itoa(len(half)))
		_, _ = x.w.Write(half)
	}}
}

// raw returns bytes of its own in the place of HTTP's, and closes the connection.
func raw(name string, response func(*exchange) []byte) Fault {
	return wire(name, func(x *exchange, conn net.Conn) {
		_, _ = conn.Write(response(x)) // The error of a client that has gone is not the fault's.
	})
}

// Unsolicited responds as a healthy kubelet does and later, on the same connection and without a request, a second time, with what second makes of
// the healthy body. It keeps the connection open until the next request arrives there, or the fleet ends, and then closes it.
func Unsolicited(later time.Duration, second func(healthy []byte) []byte) Fault {
	return wire("a response without a request", func(x *exchange, conn net.Conn) {
		healthy, contentType := x.healthy()
		if _, err := conn.Write(response(contentType, healthy)); err != nil {
			return
		}
		timer := x.fleet.options.Clock.NewTimer(later)
		defer timer.Stop()
		select {
		case <-timer.C():
		case <-x.r.Context().Done():
			return
		}
		if _, err := conn.Write(response(contentType, second(healthy))); err == nil {
			linger(conn)
		}
	})
}

func response(contentType string, body []byte) []byte {
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", contentType, len(body))
	return append([]byte(head), body...)
}
