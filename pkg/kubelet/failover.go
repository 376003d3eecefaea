package kubelet

import (
	"context"
	"slices"
	"time"
)

// failover is which of a kubelet's addresses a new connection is made to first: the one that worked last, until it does not. Lists of addresses are in
// the order of the node's status.
type failover struct {
	// preferred is the address to try first: the one that last took a connection. It is empty before.
	preferred string
	// proven is true where the preferred address has responded, and has responded to each request since.
	proven bool
}

// connected prefers an address that took a connection.
func (f *failover) connected(address string) {
	f.proven = f.proven && f.preferred == address
	f.preferred = address
}

// responded notes that the preferred address has responded.
func (f *failover) responded() { f.proven = true }

// unresponsive prefers the next address to one that took a connection and gave no response: the server there may not be the node's kubelet. An
// address that has responded before may fail once.
func (f *failover) unresponsive(address string, addresses []string) {
	if address == f.preferred && f.proven {
		f.proven = false
		return
	}
	f.preferred, f.proven = nextAddress(addresses, address), false
}

// order lists addresses with the preferred one first, where it is among them.
func (f *failover) order(addresses []string) []string {
	i := slices.Index(addresses, f.preferred)
	if i <= 0 {
		return addresses
	}
	return slices.Concat(addresses[i:i+1], addresses[:i], addresses[i+1:])
}

// nextAddress is the address that follows another one in a list; the first one after the last, and empty where that other one is not there.
func nextAddress(addresses []string, address string) string {
	i := slices.Index(addresses, address)
	if i < 0 {
		return ""
	}
	return addresses[(i+1)%len(addresses)]
}

// dialShare is the part of the remaining time that the dial of one of several addresses may take: half for the first, which is usually the
// right one, and after that the same for each that remains, but twice as much for the last, which also has to respond.
func dialShare(i, addresses int) float64 {
	switch left := addresses - i; {
	case left == 1:
		return 1
	case i == 0:
		return 0.5
	default:
		return 1 / float64(left+1)
	}
}

// withShare bounds a context to a part of its remaining time.
func withShare(ctx context.Context, part float64) (context.Context, context.CancelFunc) {
	deadline, bound := ctx.Deadline()
	if !bound || part >= 1 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Duration(part*float64(time.Until(deadline))))
}
