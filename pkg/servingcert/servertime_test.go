package servingcert

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestServerTime has the clock of the API server differ from that of the process by an hour.
func TestServerTime(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var s ServerTime
			if got := s.Now(); !got.Equal(time.Now()) {
				t.Errorf("before the first response the time is %s", got)
			}
			date := time.Now().Add(ahead).UTC().Format(http.TimeFormat)
			for _, header := range []string{date, "", "yesterday"} {
				transport := s.Wrap(roundTripper(func(*http.Request) (*http.Response, error) {
					return &http.Response{Header: http.Header{"Date": {header}}}, nil
				}))
				if _, err := transport.RoundTrip(&http.Request{}); err != nil { //nolint:bodyclose // it has none
					t.Fatal(err)
				}
			}
			<-time.After(time.Minute)
			if got := s.Since(time.Now()); got.Round(time.Second) != ahead {
				t.Errorf("the API server is %s ahead, want %s", got, ahead)
			}
		})
	}
}
