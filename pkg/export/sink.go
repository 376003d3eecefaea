package export

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Needs are what a sink writes beside the usage. What no sink needs is neither collected nor kept.
type Needs struct {
	// Labels of pods and nodes.
	Labels bool
	// Resources are the requests and limits of containers.
	Resources bool
	// Details are read from the full summary of each kubelet.
	Details bool
	// Sums are records of the levels Namespace and Cluster, once in each resolution.
	Sums bool
	// Ends are records of what is gone.
	Ends bool
	// Interval is how often usage of an object is needed: the first in each interval, and all of it where it is 0. The sink may receive more.
	Interval time.Duration
}

// Encoder turns records into what a sink's [Sender] delivers. One goroutine at a time calls it.
type Encoder interface {
	// Encode appends payloads to those that it is given, each of which can be delivered without the others. A payload is the caller's. A record
	// that cannot be written is left out, and counted in skipped.
	Encode(payloads []Payload, records iter.Seq[*Record]) (all []Payload, skipped int)
}

// Payload is a part of what an encoder has written.
type Payload struct {
	// Body is what is delivered. Its length counts for the bound of the queue.
	Body []byte
	// Points is how many points, samples or lines it has.
	Points int
}

// Sender delivers payloads to the system behind a sink. As many goroutines call it as the sink's concurrency says. One that is an [io.Closer] is closed when the
// exporter ends.
type Sender interface {
	// Send delivers one payload, and returns once the system has confirmed it. The error names the sink's address without secrets. It wraps
	// ErrRejected where the system has refused the payload for what is in it.
	Send(ctx context.Context, p Payload) error
}

// ErrRejected is the error of a payload that will be refused as often as it is sent. It is counted and dropped, and those behind it go on.
var ErrRejected = errors.New("the sink refuses the data")

// PartlyRejectedError is the error of a payload of which so many points were refused and the others were taken. It is not sent again.
type PartlyRejectedError struct {
	Points int
	// Reason is what the system said, shortened.
	Reason string
}

func (e *PartlyRejectedError) Error() string {
	return "the sink refused a part of the data: " + e.Reason
}

// RetryLaterError is the error of a payload that can be sent again, by a system that asks not to be called before a time from now. It wraps what failed.
type RetryLaterError struct {
	After time.Duration
	Err   error
}

func (e *RetryLaterError) Error() string { return e.Err.Error() }

func (e *RetryLaterError) Unwrap() error { return e.Err }
