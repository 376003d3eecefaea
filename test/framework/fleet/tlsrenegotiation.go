package fleet

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"net"
)

// Renegotiation requests another handshake over TLS 1.2 in the place of a response. Its connections have TLS 1.2.
func Renegotiation() Fault {
	fault := wire("a request to renegotiate", func(_ *exchange, conn net.Conn) {
		if secure, ok := conn.(*tls.Conn); ok {
			if below, ok := secure.NetConn().(*session12); ok {
				below.send(recordHandshake, []byte{messageHelloRequest, 0, 0, 0})
				linger(below.Conn)
			}
		}
	})
	fault.secure = func(_ *Fleet, conn net.Conn, config *tls.Config) *tls.Conn {
		s := &session12{Conn: conn}
		config.MaxVersion, config.SessionTicketsDisabled, config.KeyLogWriter = tls.VersionTLS12, true, keyLog12{s}
		config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
		return tls.Server(s, config)
	}
	return fault
}

// session12 is a TLS 1.2 connection below its encryption, whose keys are known.
type session12 struct {
	net.Conn
	// hello is true once the server's first message was written, which has its random number.
	hello                                bool
	clientRandom, serverRandom, mastered []byte
}

// Write implements net.Conn.
func (s *session12) Write(p []byte) (int, error) {
	// The header of a record, that of a message, and the version come before the random number.
	const begin = 5 + 4 + 2
	if !s.hello && len(p) >= begin+32 && p[0] == recordHandshake {
		s.hello, s.serverRandom = true, bytes.Clone(p[begin:begin+32])
	}
	return s.Conn.Write(p)
}

// keyLog12 takes the keys from crypto/tls.
type keyLog12 struct{ session *session12 }

func (k keyLog12) Write(line []byte) (int, error) {
	if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "CLIENT_RANDOM" {
		k.session.clientRandom, _ = hex.DecodeString(string(fields[1]))
		k.session.mastered, _ = hex.DecodeString(string(fields[2]))
	}
	return len(line), nil
}

// send writes the second encrypted record of the server: the first ended the handshake.
func (s *session12) send(kind byte, content []byte) {
	// Two keys of 16 bytes and two parts of nonces of 4 bytes: the client's precede the server's.
	keys := expand12(s.mastered, append([]byte("key expansion"), append(s.serverRandom, s.clientRandom...)...), 40)
	block, err := aes.NewCipher(keys[16:32])
	if err != nil {
		return
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return
	}
	sequence := binary.BigEndian.AppendUint64(nil, 1)
	additional := binary.BigEndian.AppendUint16(append(bytes.Clone(sequence), kind, 3, 3), uint16(len(content)))
	record := binary.BigEndian.AppendUint16([]byte{kind, 3, 3}, uint16(len(sequence)+len(content)+sealer.Overhead()))
	record = append(record, sequence...)
	_, _ = s.Conn.Write(sealer.Seal(record, append(bytes.Clone(keys[36:40]), sequence...), content, additional))
}

// expand12 is the pseudo-random function of TLS 1.2, where the seed begins with the label.
func expand12(secret, seed []byte, length int) (out []byte) {
	mac := func(data ...[]byte) []byte {
		h := hmac.New(sha256.New, secret)
		for _, d := range data {
			h.Write(d)
		}
		return h.Sum(nil)
	}
	for a := mac(seed); len(out) < length; a = mac(a) {
		out = append(out, mac(a, seed)...)
	}
	return out[:length]
}
