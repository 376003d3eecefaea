package decode

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// number is a count in JSON. Unlike a plain uint64 it takes whatever is there, so that a bad one is lost alone.
type number struct {
	value   uint64
	present bool
	reason  sample.Rejection
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (n *number) UnmarshalJSON(text []byte) error {
	*n = number{}
	if string(text) == "null" {
		return nil
	}
	n.present = true
	if len(text) > maxScalar {
		n.reason = sample.TooLong
		return nil
	}
	value, err := strconv.ParseUint(string(text), 10, 64)
	switch {
	case err == nil && value < tooLarge:
		n.value = value
	case err == nil:
		n.reason = sample.TooLarge
	default:
		n.unmarshalFloat(text)
	}
	return nil
}

// unmarshalFloat takes the forms that an unsigned integer has not: a sign, a fraction, an exponent, or too many digits.
func (n *number) unmarshalFloat(text []byte) {
	var value float64
	switch err := json.Unmarshal(text, &value); {
	case err == nil:
		n.value, n.reason = units(value, 1)
	case len(text) > 0 && text[0] == '-':
		n.reason = sample.Negative
	case len(text) > 0 && text[0] >= '0' && text[0] <= '9':
		n.reason = sample.TooLarge
	default:
		n.reason = sample.Malformed
	}
}

// at is the reading of the number at a moment; a reason against either is counted.
func (n number) at(m moment, rejected *sample.Rejections) sample.Reading {
	if !n.present {
		return sample.Reading{}
	}
	if n.reason == sample.Accepted {
		n.reason = m.reason
	}
	if n.reason != sample.Accepted {
		rejected.Add(n.reason)
		return sample.Reading{Rejected: n.reason}
	}
	return sample.Reading{Value: n.value, Time: m.nanos, Known: true}
}

// moment is a time in JSON, in Unix nanoseconds; 0 where there is none. It takes whatever is there, as number does.
type moment struct {
	nanos  int64
	reason sample.Rejection
}

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (m *moment) UnmarshalJSON(text []byte) error {
	*m = moment{}
	if string(text) == "null" {
		return nil
	}
	if len(text) > maxScalar {
		m.reason = sample.TooLong
		return nil
	}
	t, err := parseTime(text)
	switch {
	case err != nil:
		m.reason = sample.Malformed
	case t.IsZero():
		// Go's zero time, which some write in place of null.
	case t.Unix() > math.MaxInt64/nanosPerSecond-1:
		m.reason = sample.Future
	case t.Unix() < 0 || t.UnixNano() <= 0:
		m.reason = sample.BadTime
	default:
		m.nanos = t.UnixNano()
	}
	return nil
}

// parseTime parses a JSON string in the format of RFC 3339.
func parseTime(text []byte) (time.Time, error) {
	if len(text) > 1 && text[0] == '"' && bytes.IndexByte(text, '\\') < 0 {
		return time.Parse(time.RFC3339, string(text[1:len(text)-1]))
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, s)
}

// start is the moment as a start time: 0 where it is too early to be one.
func (m moment) start() int64 {
	if m.nanos <= earliestStart*nanosPerSecond {
		return 0
	}
	return m.nanos
}
