package fleet

import (
	"net"
	"time"
)

// Drip sends a healthy response one byte at a time, with an interval between two of them.
func Drip(interval time.Duration) Fault {
	return wire("one byte every "+interval.String(), func(x *exchange, conn net.Conn) {
		body, contentType := x.healthy()
		for _, b := range response(contentType, body) {
			if _, err := conn.Write([]byte{b}); err != nil || !x.wait(interval) {
				return
			}
		}
	})
}

// wait waits so long; it returns false where the fault or the fleet ends before.
func (x *exchange) wait(d time.Duration) bool {
	timer := x.fleet.options.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return true
	case <-x.released:
	case <-x.r.Context().Done():
	}
	return false
}
