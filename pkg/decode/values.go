package decode

import (
	"bytes"
	"strconv"
)

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
	if len(text) == 0 || len(text) > 32 {
		return 0, false
	}
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != 'e' && c != '+' && c != '-' {
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
