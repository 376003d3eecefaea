package kubelet

import (
	"context"
	"slices"
	"strings"
	"time"
)

// failover chooses the address at which a kubelet that has several is tried first. Addresses are lists separated by spaces, in the order of the
// node's status.
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
func (f *failover) unresponsive(address, addresses string) {
	if address == f.preferred && f.proven {
		f.proven = false
		return
	}
	f.preferred, f.proven = nextAddress(addresses, address), false
}

// order lists addresses with the preferred one first, where it is among them.
func (f *failover) order(addresses string) []string {
	list := strings.Fields(addresses)
	if i := slices.Index(list, f.preferred); i > 0 {
		copy(list[1:i+1], list[:i])
		list[0] = f.preferred
	}
	return list
}

// hasAddress is true where an address is in a list.
func hasAddress(addresses, address string) bool {
	for a := range strings.SplitSeq(addresses, " ") {
		if a == address {
			return true
		}
	}
	return false
}

// nextAddress is the address that follows another one in a list; the first one after the last, and empty where that other one is not there.
func nextAddress(addresses, address string) string {
	list := strings.Fields(addresses)
	if i := slices.Index(list, address); i >= 0 {
		return list[(i+1)%len(list)]
	}
	return ""
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
