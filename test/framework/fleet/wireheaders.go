package fleet

import "net"

// Headers that do not end. The connection is closed when the client has gone.

const okLine = "HTTP/1.1 200 OK\r\n"

// EndlessHeader returns a header of ever more fields, of some bytes each.
func EndlessHeader() Fault {
	return wire("a header without end", func(_ *exchange, conn net.Conn) {
		text(conn, okLine)
		repeat(conn, "A: b\r\n")
	})
}

// EndlessHeaderField returns a field of the header that does not end.
func EndlessHeaderField() Fault {
	return wire("a field of the header without end", func(_ *exchange, conn net.Conn) {
		text(conn, okLine+"A: ")
		repeat(conn, "b")
	})
}

// EndlessInterim returns interim responses (102 Processing) and never the final one.
func EndlessInterim() Fault {
	return wire("interim responses without end", func(_ *exchange, conn net.Conn) {
		repeat(conn, "HTTP/1.1 102 Processing\r\n\r\n")
	})
}

// EndlessTrailer returns the healthy body in one chunk, and behind it a trailer that does not end.
func EndlessTrailer() Fault {
	return wire("a trailer without end", func(x *exchange, conn net.Conn) {
		body, contentType := x.unused()
		text(conn, chunked(contentType)+chunk(body, "")+"0\r\n")
		repeat(conn, "A: b\r\n")
	})
}
