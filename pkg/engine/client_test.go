package engine

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/decode"
)

// panicking is an engine whose response meets a fault.
type panicking struct{}

func (panicking) String() string           { return "http://engine" }
func (panicking) Read([]byte) (int, error) { panic("a fault") }
func (panicking) Close() error             { return nil }

func (p panicking) Open(context.Context, string, []byte, http.Header) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: p}, nil
}

// TestPanicEndsOneQuery has the reader of a response panic: that is an error, with a reason of its own.
func TestPanicEndsOneQuery(t *testing.T) {
	client := Client{Endpoint: panicking{}, Timeout: time.Second}
	_, err := client.query(t.Context(), "up", func([]label, []point) {})
	if !errors.Is(err, decode.ErrPanic) || causeOf(err) != cause.EngineFault {
		t.Errorf("error %v, cause %v", err, causeOf(err))
	}
}
