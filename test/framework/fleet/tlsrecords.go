package fleet

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"sync"
)

// ByteRecords returns the healthy response, of 16 KiB or more, in TLS records of one byte each.
func ByteRecords() Fault {
	return wire("TLS records of one byte", func(x *exchange, conn net.Conn) {
		body, contentType := x.healthy()
		for _, b := range response(contentType, padded(body)) {
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
		}
		linger(conn)
	})
}

// ByteHandshake sends the first messages of the TLS handshake in records of one byte each, and is healthy after that.
func ByteHandshake() Fault {
	fault := handshake("a handshake in records of one byte", func(_ *Fleet, conn net.Conn, config *tls.Config) *tls.Conn {
		config.MaxVersion = tls.VersionTLS12 // Which encrypts none of these messages.
		return tls.Server(&splitting{Conn: conn}, config)
	})
	fault.serve = func(x *exchange) {
		if x.r.TLS.Version == tls.VersionTLS13 {
			x.hangUp() // The connection was made before.
			return
		}
		x.respond()
	}
	return fault
}

// splitting splits the records of its first Write, which has the first messages of a handshake.
type splitting struct {
	net.Conn
	first sync.Once
}

func (s *splitting) Write(p []byte) (n int, err error) {
	out := p
	s.first.Do(func() { out = split(p) })
	if _, err := s.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// split makes a record of each byte in records that are not encrypted.
func split(records []byte) (out []byte) {
	const header = 5
	for len(records) > header {
		end := header + int(binary.BigEndian.Uint16(records[3:header]))
		for _, b := range records[header:end] {
			out = append(out, records[0], records[1], records[2], 0, 1, b)
		}
		records = records[end:]
	}
	return out
}
