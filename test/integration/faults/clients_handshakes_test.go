package faults

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// clientHello is the beginning of a TLS handshake: a record that announces more bytes than it has.
const clientHello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"

// TestFloodsOfHandshakes has anonymous clients complete handshakes and send nothing, not complete them, and send what is none.
func TestFloodsOfHandshakes(t *testing.T) {
	const failures = `^apiserver_tls_handshake_errors_total`
	tooMany := refusals("unauthenticated_connections")
	waged(t, "TLS handshakes: 60/s complete, 60/s half, 60/s not begun, 60/s invalid", []clientAttack{
		{"complete handshakes, 60/s", handshakes(60, func(ctx context.Context, p party, conn net.Conn) error {
			return tls.Client(conn, p.tls).HandshakeContext(ctx)
		}), []string{tooMany}},
		{"half a handshake, 60/s", handshakes(60, func(_ context.Context, _ party, conn net.Conn) error {
			_, err := io.WriteString(conn, clientHello)
			return err
		}), []string{tooMany, failures}},
		{"no handshake, 60/s", handshakes(60, func(context.Context, party, net.Conn) error { return nil }), []string{tooMany, failures}},
		{"invalid handshakes, 60/s", handshakes(60, func(_ context.Context, _ party, conn net.Conn) error {
			_, err := io.WriteString(conn, "GET / HTTP/1.1\r\n\r\n")
			return err
		}), []string{failures}},
	})
}

// handshakes opens so many connections a second, does something on each, and holds it until the server closes it or the attack ends.
func handshakes(perSecond int, begin func(context.Context, party, net.Conn) error) func(context.Context, *testing.T) error {
	return func(ctx context.Context, _ *testing.T) error {
		p, err := partyOf("")
		if err != nil {
			return err
		}
		var results tally
		var open sync.WaitGroup
		dialer := net.Dialer{Timeout: 5 * time.Second}
		at(ctx, perSecond, func(int) {
			open.Go(func() {
				conn, err := dialer.DialContext(ctx, "tcp", p.address)
				if err != nil {
					return
				}
				defer conn.Close()
				defer context.AfterFunc(ctx, func() { conn.Close() })()
				results.note("connected")
				if begin(ctx, p, conn) == nil {
					_, _ = io.Copy(io.Discard, conn) // It ends with the connection.
				}
			})
		})
		open.Wait()
		return results.check(perSecond*int(lasts.Seconds())/2, "connected")
	}
}
