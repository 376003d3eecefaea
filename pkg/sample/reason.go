package sample

// Reason is why a reading was rejected. Its text is the value of a metric label, so the set is small and fixed.
type Reason uint8

// The reasons, in the order of their counters in Rejections.
const (
	// Accepted is no reason: the reading was accepted.
	Accepted Reason = iota
	// NotFinite is a NaN or an infinity.
	NotFinite
	// Negative is a number below zero.
	Negative
	// TooLarge is a number that its unit cannot hold, such as a subtraction that wrapped around.
	TooLarge
	// BadTime is a timestamp at or before the Unix epoch.
	BadTime
	// Future is a timestamp more than a minute ahead of this process.
	Future
	// Repeated is a reading with the timestamp of the one that is held: the kubelet had nothing newer.
	Repeated
	// OutOfOrder is a reading older than the one that is held.
	OutOfOrder
	// OlderInstance is a reading of an instance that ended before the one that is held began.
	OlderInstance
	// Implausible is a use that cannot be, whatever the node's capacity really is: see Absurd.
	Implausible
	// Foreign is a reading of a pod that runs on another node.
	Foreign
	// Malformed is a series without the labels that it needs.
	Malformed
	// TooMany is a reading of a pod, container or series beyond the number that a response may have.
	TooMany
	// TooLong is a reading on a line, or under a name, of more bytes than Kubernetes allows.
	TooLong

	reasons
)

// String returns the label value of the reason.
func (r Reason) String() string {
	if r >= reasons {
		return "unknown"
	}
	return [reasons]string{
		"accepted", "not_finite", "negative", "too_large", "bad_time", "future", "repeated",
		"out_of_order", "older_life", "implausible", "foreign", "malformed", "too_many", "too_long",
	}[r]
}

// Rejections counts readings by the reason that kept them out.
type Rejections [reasons]uint32

// Add counts one reading; Accepted is not counted.
func (c *Rejections) Add(r Reason) {
	if r != Accepted {
		c[r]++
	}
}

// Merge adds another count to this one.
func (c *Rejections) Merge(other Rejections) {
	for r := range other {
		c[r] += other[r]
	}
}

// Total is the number of readings that were kept out.
func (c *Rejections) Total() (total uint32) {
	for _, n := range c {
		total += n
	}
	return total
}
