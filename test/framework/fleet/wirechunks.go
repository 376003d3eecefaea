package fleet

import (
	"fmt"
	"net"
	"strings"
)

// Chunks whose framing is larger than what they carry, or false.

// ChunkSize announces a chunk by a hexadecimal number of its own, sends the healthy body as its beginning, and closes the connection.
func ChunkSize(hexadecimal string) Fault {
	return raw("a chunk of size "+hexadecimal, func(x *exchange) []byte {
		body, contentType := x.unused()
		return append([]byte(chunked(contentType)+hexadecimal+"\r\n"), body...)
	})
}

// ChunkExtensions returns the healthy body, of 16 KiB or more, in chunks of one byte, each with an extension of so many bytes, which carries nothing.
func ChunkExtensions(size int) Fault {
	extension := ";" + strings.Repeat("x", size-1)
	return wire(fmt.Sprintf("chunk extensions of %d bytes", size), func(x *exchange, conn net.Conn) {
		body, contentType := x.healthy()
		body = padded(body)
		text(conn, chunked(contentType))
		var b strings.Builder
		for i := range body {
			if b.WriteString(chunk(body[i:i+1], extension)); b.Len() > textBuffer {
				text(conn, b.String())
				b.Reset()
			}
		}
		text(conn, b.String()+"0\r\n\r\n")
		linger(conn)
	})
}

// SurplusInChunk returns the healthy body in one chunk, which has more bytes than its size says.
func SurplusInChunk() Fault {
	return raw("surplus bytes in a chunk", func(x *exchange) []byte {
		body, contentType := x.unused()
		whole := chunk(body, "")
		return []byte(chunked(contentType) + strings.TrimSuffix(whole, "\r\n") + "surplus\r\n0\r\n\r\n")
	})
}

// chunked is the header of a response in chunks.
func chunked(contentType string) string {
	return okLine + "Content-Type: " + contentType + "\r\nTransfer-Encoding: chunked\r\n\r\n"
}

// chunk is one chunk with an extension; an empty one has none.
func chunk(data []byte, extension string) string {
	return fmt.Sprintf("%x%s\r\n%s\r\n", len(data), extension, data)
}
