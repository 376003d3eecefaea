package flagvalue

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// The errors of these functions continue a sentence that begins with the option and the value.

// ParseBool returns the value of an option that is true or false.
func ParseBool(value string) (bool, error) {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return false, errors.New("must be true or false")
	}
	return b, nil
}

// CheckFile accepts the name of a file, which it does not open.
func CheckFile(value string) error {
	switch {
	case value == "":
		return errors.New("must name a file: leave the option out for its default")
	case strings.Contains(value, "://"):
		return errors.New("must name a file, not a URL")
	}
	return nil
}

// ParseDuration returns the value of an option that is a duration; required says which ones are allowed.
func ParseDuration(value string, shortest time.Duration, required string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < shortest {
		return 0, errors.New("must be a duration " + required)
	}
	return d, nil
}
