package fleet

import (
	"strings"
	"sync/atomic"
)

// Or returns a fault that is this one for the paths that it concerns, and another one for all others.
func (f Fault) Or(other Fault) Fault {
	return Fault{name: f.String() + ", or " + other.String(), serve: func(x *exchange) {
		if f.concerns(x.path) {
			f.apply(x)
			return
		}
		other.apply(x)
	}}
}

// Alternate returns a fault that serves each request by the next of the faults.
func Alternate(faults ...Fault) Fault {
	var requests atomic.Uint64
	names := make([]string, len(faults))
	for i, f := range faults {
		names[i] = f.String()
	}
	return Fault{name: strings.Join(names, ", then "), serve: func(x *exchange) {
		faults[(requests.Add(1)-1)%uint64(len(faults))].apply(x)
	}}
}

// apply serves a request by a fault where the fault concerns it, and as a healthy kubelet otherwise.
func (f Fault) apply(x *exchange) {
	if f.serve == nil || !f.concerns(x.path) {
		x.respond()
		return
	}
	f.serve(x)
}
