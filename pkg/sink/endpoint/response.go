package endpoint

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/export"
)

// Response is what the system behind a sink has answered.
type Response struct {
	Status int
	Header http.Header
	// Body is its beginning.
	Body []byte
	from string
}

// OK is true where the status is one of success.
func (r Response) OK() bool { return r.Status/100 == 2 }

// Err is nil where the status is one of success. It wraps [export.ErrRejected] where the status is about the data and not about who sends it, to which
// address or when, as a bad request is; rejecting are the statuses for which this holds in the sink's protocol in addition. It is an [export.RetryLaterError] where
// the system asks for a pause.
func (r Response) Err(now time.Time, rejecting ...int) error {
	if r.OK() {
		return nil
	}
	err := fmt.Errorf("%s: status %d: %s", r.from, r.Status, r.Reason())
	switch after := retryAfter(r.Header.Get("Retry-After"), now); {
	case aboutData(r.Status) || slices.Contains(rejecting, r.Status):
		return fmt.Errorf("%w: %w", export.ErrRejected, err)
	case after > 0:
		return &export.RetryLaterError{After: after, Err: err}
	}
	return err
}

// aboutData is true of a status that an equal request will receive again.
func aboutData(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// Reason is what the response says, shortened.
func (r Response) Reason() string {
	if text := bytes.TrimSpace(r.Body); len(text) > 0 {
		return excerpt.Of(string(text))
	}
	if r.Status/100 == 3 {
		return "redirects are not followed: configure the address itself"
	}
	return http.StatusText(r.Status)
}

// retryAfter is how long the header field of this name asks to wait, as seconds or as a time; 0 where it does not.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
