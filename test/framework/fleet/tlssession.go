package fleet

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
)

// Types of TLS records, and of messages of the handshake.
const (
	recordAlert, recordHandshake, recordData = 21, 22, 23

	messageHelloRequest, messageNewSessionTicket, messageKeyUpdate = 0, 4, 24
)

// session is a TLS 1.3 connection below its encryption, whose key is known: its owner writes records of types that crypto/tls does not let a server
// write. From the first of them on, crypto/tls must not write.
type session struct {
	net.Conn
	// secret is the server's current traffic secret; sealer and iv follow from it, and sequence counts the records since.
	secret   []byte
	sealer   cipher.AEAD
	iv       []byte
	sequence uint64
}

// known13 makes a TLS 1.3 connection of another one, below which there is a session.
func known13(_ *Fleet, conn net.Conn, config *tls.Config) *tls.Conn {
	s := &session{Conn: conn}
	config.MinVersion, config.SessionTicketsDisabled = tls.VersionTLS13, true // A ticket would be the first record.
	config.KeyLogWriter = s
	return tls.Server(keyLogged{conn, s}, config)
}

// keyLogged is the connection between crypto/tls and the network.
type keyLogged struct {
	net.Conn
	session *session
}

// Write implements io.Writer for crypto/tls, which writes each secret in a line of its own.
func (s *session) Write(line []byte) (int, error) {
	fields := bytes.Fields(line)
	if len(fields) != 3 || string(fields[0]) != "SERVER_TRAFFIC_SECRET_0" {
		return len(line), nil
	}
	secret, err := hex.DecodeString(string(fields[2]))
	if err == nil {
		err = s.use(secret)
	}
	return len(line), err
}

// use makes a traffic secret the current one.
func (s *session) use(secret []byte) error {
	key, err := expand(secret, "key", 16)
	if err != nil {
		return err
	}
	s.secret, s.sequence = secret, 0
	if s.iv, err = expand(secret, "iv", 12); err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return fmt.Errorf("make a cipher: %w", err)
	}
	if s.sealer, err = cipher.NewGCM(block); err != nil {
		return fmt.Errorf("make a cipher: %w", err)
	}
	return nil
}

// next makes the next traffic secret the current one, as it is after a key update.
func (s *session) next() error {
	secret, err := expand(s.secret, "traffic upd", sha256.Size)
	if err != nil {
		return err
	}
	return s.use(secret)
}

// expand is HKDF-Expand-Label of TLS 1.3 without a context.
func expand(secret []byte, label string, length int) ([]byte, error) {
	label = "tls13 " + label
	info := append(binary.BigEndian.AppendUint16(nil, uint16(length)), byte(len(label)))
	key, err := hkdf.Expand(sha256.New, secret, string(append(append(info, label...), 0)), length)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return key, nil
}

// seal appends a record of one type to others.
func (s *session) seal(records []byte, kind byte, content []byte) []byte {
	header := binary.BigEndian.AppendUint16([]byte{recordData, 3, 3}, uint16(len(content)+1+s.sealer.Overhead()))
	nonce := bytes.Clone(s.iv)
	binary.BigEndian.PutUint64(nonce[4:], binary.BigEndian.Uint64(nonce[4:])^s.sequence)
	s.sequence++
	return s.sealer.Seal(append(records, header...), nonce, append(bytes.Clone(content), kind), header)
}
