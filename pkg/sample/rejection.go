package sample

// Rejection is why a reading was rejected. Its text is the value of a metric label, so the set is small and fixed.
type Rejection uint8

// The rejections, in the order of their counters in Rejections.
const (
	NotRejected   Rejection = iota // It was not rejected.
	NotFinite                      // It is a NaN or an infinity.
	Negative                       // It is below zero.
	TooLarge                       // Its unit cannot hold it, as that of a subtraction that wrapped around.
	BadTime                        // Its timestamp is at or before the Unix epoch.
	Future                         // Its timestamp is more than a minute ahead of this process.
	Repeated                       // It has the timestamp of the newest accepted reading: the kubelet had no newer one.
	OutOfOrder                     // It is older than the newest accepted reading.
	OlderInstance                  // It is of a container instance that ended before the newest one began.
	Implausible                    // No capacity allows such a use: see IsImplausible.
	Foreign                        // It is of a pod that runs on another node.
	Malformed                      // Its series has not the labels that it needs, or its value the wrong type.
	TooMany                        // It is beyond the number of pods, containers or series that a response may have.
	TooLong                        // Its line or name has more bytes than Kubernetes allows.
	ClockSetBack                   // It was accepted, and a later one with an earlier time shows that the node's clock has been set back.

	rejectionCount
)

var rejectionTexts = [rejectionCount]string{
	"accepted", "not_finite", "negative", "too_large", "bad_time", "future", "repeated",
	"out_of_order", "older_life", "implausible", "foreign", "malformed", "too_many", "too_long", "clock_set_back",
}

// String returns the label value of the rejection.
func (r Rejection) String() string {
	if r >= rejectionCount {
		return "unknown"
	}
	return rejectionTexts[r]
}

// Rejections counts rejected readings by the reason.
type Rejections [rejectionCount]uint32

// Add counts one reading; NotRejected is not counted.
func (c *Rejections) Add(r Rejection) {
	if r != NotRejected {
		c[r]++
	}
}

// Merge adds another count to this one.
func (c *Rejections) Merge(other Rejections) {
	for r := range other {
		c[r] += other[r]
	}
}

// Total is the number of rejected readings.
func (c *Rejections) Total() (total uint32) {
	for _, n := range c {
		total += n
	}
	return total
}
