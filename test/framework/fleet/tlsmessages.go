package fleet

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
)

// Messages of TLS that a kubelet has no reason to send.

// known returns a fault that writes TLS records of its own. A connection that was made before ends at its next request.
func known(name string, serve func(x *exchange, s *session)) Fault {
	fault := wire(name, func(x *exchange, conn net.Conn) {
		if secure, ok := conn.(*tls.Conn); ok {
			if below, ok := secure.NetConn().(keyLogged); ok && below.session.sealer != nil {
				serve(x, below.session)
			}
		}
	})
	fault.secure = known13
	return fault
}

// SessionTickets sends so many session tickets, each in a record of its own, before the healthy response.
func SessionTickets(count int) Fault {
	return known(fmt.Sprintf("%d session tickets before the response", count), func(x *exchange, s *session) {
		body, contentType := x.healthy()
		s.send(append(s.tickets(count), s.data(response(contentType, body))...))
		s.linger()
	})
}

// SessionTicketsWhileIdle sends so many session tickets after the healthy response.
func SessionTicketsWhileIdle(count int) Fault {
	return known(fmt.Sprintf("%d session tickets on an idle connection", count), func(x *exchange, s *session) {
		body, contentType := x.healthy()
		s.send(s.data(response(contentType, body)))
		s.send(s.tickets(count))
		s.linger()
	})
}

// KeyUpdateWhileIdle sends the healthy response, and together with it the request that the client change its key.
func KeyUpdateWhileIdle() Fault {
	return known("a key update on an idle connection", func(x *exchange, s *session) {
		body, contentType := x.healthy()
		s.send(s.seal(s.data(response(contentType, body)), recordHandshake, keyUpdate(true)))
		s.linger()
	})
}

// KeyUpdateRequest requests that the client change its key, before the healthy response.
func KeyUpdateRequest() Fault {
	return known("a request to update the key before the response", func(x *exchange, s *session) {
		body, contentType := x.healthy()
		records := s.seal(nil, recordHandshake, keyUpdate(true))
		if s.next() == nil {
			s.send(append(records, s.data(response(contentType, body))...))
			s.linger()
		}
	})
}

// KeyUpdates sends the healthy response in records of one byte each, and changes its key so many times after each.
func KeyUpdates(count int) Fault {
	return known(fmt.Sprintf("%d key updates after each byte", count), func(x *exchange, s *session) {
		body, contentType := x.healthy()
		for _, b := range response(contentType, body) {
			records := s.seal(nil, recordData, []byte{b})
			for range count {
				records = s.seal(records, recordHandshake, keyUpdate(false))
				if s.next() != nil {
					return
				}
			}
			if !s.send(records) {
				return
			}
		}
		s.linger()
	})
}

// AlertInResponse sends the first half of a healthy response and then a fatal alert (internal_error).
func AlertInResponse() Fault {
	return known("an alert in the response", func(x *exchange, s *session) {
		body, contentType := x.unused()
		whole := response(contentType, body)
		s.send(s.seal(s.data(whole[:len(whole)/2]), recordAlert, []byte{2, 80}))
	})
}

func (s *session) tickets(count int) (records []byte) {
	ticket := []byte{messageNewSessionTicket, 0, 0, 17, 0, 0, 0xe, 0x10, 1, 2, 3, 4, 1, 5, 0, 4, 't', 'e', 's', 't', 0, 0}
	ticket[3] = byte(len(ticket) - 4)
	for range count {
		records = s.seal(records, recordHandshake, ticket)
	}
	return records
}

// send is false where the client has gone.
func (s *session) send(records []byte) bool {
	_, err := s.Conn.Write(records)
	return err == nil
}

// linger keeps the connection open until the client closes it or sends another request. Shorter records are alerts and key updates.
func (s *session) linger() {
	in := bufio.NewReader(s.Conn)
	for {
		header, err := in.Peek(5)
		if err != nil {
			return
		}
		length := int(binary.BigEndian.Uint16(header[3:]))
		if length >= 64 {
			return
		}
		if _, err := in.Discard(len(header) + length); err != nil {
			return
		}
	}
}

// data are records with data.
func (s *session) data(data []byte) (records []byte) {
	for piece := range slices.Chunk(data, 1<<14) {
		records = s.seal(records, recordData, piece)
	}
	return records
}

// keyUpdate is followed by records with the server's next key. It may request the same of the client.
func keyUpdate(request bool) []byte {
	message := []byte{messageKeyUpdate, 0, 0, 1, 0}
	if request {
		message[4] = 1
	}
	return message
}
