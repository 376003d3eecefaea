package decode

import (
	"bytes"
	"math"
	"strconv"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

const (
	nanosPerSecond      = 1_000_000_000
	nanosPerMillisecond = 1_000_000

	// tooLarge is the first value that no reading may have: the store subtracts readings in signed integers, and an
	// unsigned subtraction that wrapped around ends near twice this number.
	tooLarge = 1 << 63

	// earliestStart, in seconds since the Unix epoch (September 2001), is what a start time must be later than to be accepted
	// as one. Simulators give the age of the container in its place.
	earliestStart = 1e9
)

// units turns a number in one unit into a whole number of a smaller one, perUnit of which make up the first.
func units(v, perUnit float64) (uint64, sample.Rejection) {
	switch {
	case math.IsNaN(v), math.IsInf(v, 0):
		return 0, sample.NotFinite
	case v < 0:
		return 0, sample.Negative
	}
	// Rounded, because the number came from dividing a whole number of the smaller unit.
	v = math.Round(v * perUnit)
	if v >= tooLarge {
		return 0, sample.TooLarge
	}
	return uint64(v), sample.NotRejected
}

// readingOf is the reading of a number that has a time of its own (milliseconds since the Unix epoch) or, if that is nil,
// has none. It is not Known if the reason is not sample.NotRejected.
func readingOf(v, perUnit float64, milliseconds *int64) (sample.Reading, sample.Rejection) {
	value, reason := units(v, perUnit)
	if reason != sample.NotRejected {
		return sample.Reading{Rejected: reason}, reason
	}
	var time int64
	if milliseconds != nil {
		switch time = *milliseconds; {
		case time <= 0:
			return sample.Reading{Rejected: sample.BadTime}, sample.BadTime
		case time > math.MaxInt64/nanosPerMillisecond:
			return sample.Reading{Rejected: sample.Future}, sample.Future
		}
		time *= nanosPerMillisecond
	}
	return sample.Reading{Value: value, Time: time, Known: true}, sample.NotRejected
}

// readingOfKind is the reading of a series of a kind, in the unit in which the text format has it; see readingOf and startOf.
func readingOfKind(k kind, v float64, milliseconds *int64) (sample.Reading, sample.Rejection) {
	switch k {
	case cpu:
		return readingOf(v, nanosPerSecond, milliseconds)
	case start:
		return startOf(v)
	default:
		return readingOf(v, 1, milliseconds)
	}
}

// startOf is a start time, given in seconds since the Unix epoch, as a reading in nanoseconds. It is not Known, without a
// reason, if it is too early to be a time.
func startOf(seconds float64) (sample.Reading, sample.Rejection) {
	if seconds <= earliestStart {
		return sample.Reading{}, sample.NotRejected
	}
	value, reason := units(seconds, nanosPerSecond)
	return sample.Reading{Value: value, Known: reason == sample.NotRejected}, reason
}

// maxDigits is how many digits always fit a signed 64-bit number.
const maxDigits = 18

// valueAndTime parses the value of a series and, after one space, its optional time. It returns ok = false for what kubelets do not write: a
// value that is no decimal number, a time before 1970, more spaces.
func valueAndTime(text []byte) (value float64, milliseconds int64, timed, ok bool) {
	number, at, timed := bytes.Cut(text, []byte(" "))
	if value, ok = decimal(number); !ok || !timed {
		return value, 0, false, ok
	}
	milliseconds, ok = integer(at)
	return value, milliseconds, true, ok
}

// decimal parses as the text format's own parser does. It takes only what is made of digits and the signs of a decimal number.
func decimal(text []byte) (float64, bool) {
	if len(text) > 32 {
		return 0, false
	}
	for _, c := range text {
		if c > '9' && c != 'e' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(text), 64)
	return v, err == nil
}

func integer(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > maxDigits {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
