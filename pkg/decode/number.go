package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// The numbers of the kubelet's text format, for a collector that gets them in another way than in a body. Times are in milliseconds since the Unix
// epoch. A reading is not Known where the rejection is not sample.NotRejected.

// CPU is the reading of a counter of CPU seconds, in nanoseconds.
func CPU(seconds float64, milliseconds int64) (sample.Reading, sample.Rejection) {
	return readingOf(seconds, nanosPerSecond, &milliseconds)
}

// Memory is the reading of a number of bytes.
func Memory(bytes float64, milliseconds int64) (sample.Reading, sample.Rejection) {
	return readingOf(bytes, 1, &milliseconds)
}

// Start is a start time, given in seconds since the Unix epoch, in Unix nanoseconds; 0 where it is too early to be a time.
func Start(seconds float64) (int64, sample.Rejection) {
	r, rejection := startOf(seconds)
	return int64(r.Value), rejection
}
