package scrape

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// attempt is one address that no connection could be made to.
type attempt struct {
	host string
	err  error
}

// addressesError is that no address of a node could be connected to. It wraps the error of each.
type addressesError struct{ attempts []attempt }

// Error says of each address what was wrong with it, in the length of an excerpt.
func (e *addressesError) Error() string {
	var b strings.Builder
	for i, a := range e.attempts {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(a.host + ": " + a.err.Error())
	}
	return excerpt.Of(b.String())
}

// Unwrap returns the error of each address. So the cause is that of the address at which most of the way was gone.
func (e *addressesError) Unwrap() []error {
	errs := make([]error, 0, len(e.attempts))
	for _, a := range e.attempts {
		errs = append(errs, a.err)
	}
	return errs
}

// triedAddresses lists the addresses of a node that were tried in vain, each with its cause; empty where there was only one.
func triedAddresses(err error) string {
	e, ok := errors.AsType[*addressesError](err)
	if !ok {
		return ""
	}
	var tried []string
	for _, a := range e.attempts {
		tried = append(tried, a.host+" "+causeOf(a.err).Code)
	}
	return excerpt.Of(strings.Join(tried, ", "))
}

// inOrder are the hosts of a target, with one of them first where it is among them.
func inOrder(hosts, first string) []string {
	list := strings.Fields(hosts)
	for i, host := range list {
		if host == first {
			copy(list[1:i+1], list[:i])
			list[0] = first
		}
	}
	return list
}

// hasHost is true where a host is one of a target's.
func hasHost(hosts, host string) bool {
	for h := range strings.SplitSeq(hosts, " ") {
		if h == host {
			return true
		}
	}
	return false
}

// after is the host of a target that follows another one; the first where that is the last.
func after(hosts, host string) string {
	list := strings.Fields(hosts)
	for i, h := range list {
		if h == host {
			return list[(i+1)%len(list)]
		}
	}
	return ""
}

// dialShare is the part of the time left that the dial of one of several hosts may take: half of it for the first, which is mostly the right
// one, and for the others as much as for each that follows, and twice that for the last, which has to answer too.
func dialShare(i, hosts int) float64 {
	switch left := hosts - i; {
	case left == 1:
		return 1
	case i == 0:
		return 0.5
	default:
		return 1 / float64(left+1)
	}
}

// share bounds a context to a part of the time that it has left.
func share(ctx context.Context, part float64) (context.Context, context.CancelFunc) {
	deadline, bound := ctx.Deadline()
	if !bound || part >= 1 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Duration(part*float64(time.Until(deadline))))
}
