package fleet

import (
	"fmt"
	"net"
)

// Lengths that do not fit what is sent.

// WrongLength announces a body that is longer than the healthy one, which it sends, by so many bytes; shorter where that is negative. It keeps the
// connection open.
func WrongLength(by int) Fault {
	return wire(fmt.Sprintf("a length that is wrong by %+d", by), func(x *exchange, conn net.Conn) {
		body, contentType := x.healthy()
		text(conn, fmt.Sprintf("%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", okLine, contentType, max(len(body)+by, 0), body))
		linger(conn)
	})
}

// HugeLength announces a body of 8 EiB, of which it sends the healthy one.
func HugeLength() Fault { return WrongLength(1<<63 - 1<<30) }

// WithoutLength responds with HTTP/1.0 and no length: the end of the connection ends the body.
func WithoutLength() Fault {
	return raw("HTTP/1.0 without a length", func(x *exchange) []byte {
		body, contentType := x.healthy()
		return append([]byte("HTTP/1.0 200 OK\r\nContent-Type: "+contentType+"\r\n\r\n"), body...)
	})
}
