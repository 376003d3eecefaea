package fleet

import (
	"crypto/tls"
	"net"
)

// handshake returns a fault of the TLS handshake. A connection that was made before ends at its next request.
func handshake(name string, secure func(f *Fleet, conn net.Conn, config *tls.Config) *tls.Conn) Fault {
	return Fault{name: name, serve: (*exchange).hangUp, secure: secure}
}

// SilentHandshake accepts connections, reads the client's first message and never sends one of its own.
func SilentHandshake() Fault {
	return handshake("a handshake that does not end", func(_ *Fleet, conn net.Conn, config *tls.Config) *tls.Conn {
		return tls.Server(silent{conn}, config)
	})
}

// silent is a connection that loses what is written.
type silent struct{ net.Conn }

func (silent) Write(p []byte) (int, error) { return len(p), nil }

// AbortedHandshake refuses each handshake with an alert: there is no certificate.
func AbortedHandshake() Fault {
	return handshake("an alert in the handshake", func(_ *Fleet, conn net.Conn, config *tls.Config) *tls.Conn {
		config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }
		return tls.Server(conn, config)
	})
}
