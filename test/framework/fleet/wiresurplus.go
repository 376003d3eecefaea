package fleet

import "net"

// Bytes that belong to no response. Unsolicited sends such bytes while the connection is idle.

// SurplusBefore sends a line before a healthy response.
func SurplusBefore() Fault {
	return raw("surplus bytes before the response", func(x *exchange) []byte {
		body, contentType := x.unused()
		return append([]byte("surplus\r\n"), response(contentType, body)...)
	})
}

// SurplusAfter sends a second response together with a healthy one, and keeps the connection open.
func SurplusAfter() Fault {
	return wire("surplus bytes after the response", func(x *exchange, conn net.Conn) {
		body, contentType := x.healthy()
		_, _ = conn.Write(append(response(contentType, body), response(contentType, body)...))
		linger(conn)
	})
}
