package decode

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// value is a number or a time in JSON. One that is invalid is rejected alone.
type value struct {
	// number is 0 where the value is rejected; a time is in Unix nanoseconds, and 0 where there is none.
	number uint64
	// present is false where the value is missing or null.
	present   bool
	rejection sample.Rejection
}

// parser parses the text of a value that is neither null nor too long.
type parser func(text []byte) (uint64, sample.Rejection)

// value reads a value, or what stands in its place.
func (r *jsonReader) value(into *value, parse parser) error {
	text, err := r.ReadValue()
	switch {
	case err != nil:
		return err
	case string(text) == "null":
		*into = value{}
	case len(text) > maxScalar:
		*into = value{present: true, rejection: sample.TooLong}
	default:
		*into = value{present: true}
		into.number, into.rejection = parse(text)
	}
	return nil
}

// parseCount parses a count. A sign, a fraction, an exponent, or too many digits make it a floating-point number.
func parseCount(text []byte) (uint64, sample.Rejection) {
	if count, err := strconv.ParseUint(string(text), 10, 63); err == nil {
		return count, sample.NotRejected
	}
	var float float64
	switch err := json.Unmarshal(text, &float); {
	case err == nil:
		return units(float, 1)
	case text[0] == '-':
		return 0, sample.Negative
	case text[0] >= '0' && text[0] <= '9':
		return 0, sample.TooLarge
	}
	return 0, sample.Malformed
}

// millionthsPerPercent is how many millionths one percent is.
const millionthsPerPercent = 10_000

// parsePercent parses a number from 0 to 100, and returns it in millionths of one. The kernel gives two decimals, of which none is lost. A
// share of time above one is too large.
func parsePercent(text []byte) (uint64, sample.Rejection) {
	if text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return 0, sample.Malformed
	}
	percent, _ := strconv.ParseFloat(string(text), 64) // A number in JSON, which may be infinite here.
	switch {
	case percent < 0:
		return 0, sample.Negative
	case percent > 100:
		return 0, sample.TooLarge
	}
	return uint64(math.Round(percent * millionthsPerPercent)), sample.NotRejected
}

// parseTime parses a string in the format of RFC 3339, and returns Unix nanoseconds. They are 0 for Go's zero time, which some write in place
// of null.
func parseTime(text []byte) (uint64, sample.Rejection) {
	inner := bytes.Trim(text, `"`)
	if bytes.IndexByte(text, '\\') >= 0 {
		var s string
		_ = json.Unmarshal(text, &s) // What is no string is no time either.
		inner = []byte(s)
	}
	t, err := time.Parse(time.RFC3339, string(inner))
	switch {
	case err != nil:
		return 0, sample.Malformed
	case t.IsZero():
		return 0, sample.NotRejected
	case t.Unix() > math.MaxInt64/nanosPerSecond-1:
		return 0, sample.Future
	case t.Unix() < 0 || t.UnixNano() <= 0:
		return 0, sample.BadTime
	}
	return uint64(t.UnixNano()), sample.NotRejected
}
