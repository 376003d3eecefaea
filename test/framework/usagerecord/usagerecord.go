// Package usagerecord has a record of usage for the tests of sinks, and has an encoder write records.
package usagerecord

import (
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// Base is the time of the readings: one with milliseconds.
func Base() time.Time { return time.Date(2026, 11, 29, 10, 0, 0, 250e6, time.UTC) }

// After is the base and so much later, in Unix nanoseconds.
func After(d time.Duration) int64 { return Base().Add(d).UnixNano() }

// Container is the record of a container that began an hour ago.
func Container() export.Record {
	return export.Record{
		Level: export.Container, Node: "node-1", Namespace: "shop", Pod: "web-0", UID: "1b9d", Container: "app",
		Start: After(-time.Hour), Rate: 250_000_000, Time: After(0), Window: int64(15 * time.Second),
		CPU:    export.Reading{Value: 901_234_567_891, Time: After(0)},
		Memory: export.Reading{Value: 52_428_800, Time: After(time.Second)},
	}
}

// With is the record of a container with a change.
func With(change func(r *export.Record)) export.Record {
	r := Container()
	change(&r)
	return r
}

// Encode returns the payloads of records, none of which the encoder may leave out.
func Encode(tb testing.TB, e export.Encoder, records ...export.Record) []export.Payload {
	tb.Helper()
	payloads, skipped := e.Encode(nil, func(yield func(*export.Record) bool) {
		for i := range records {
			if !yield(&records[i]) {
				return
			}
		}
	})
	if skipped != 0 {
		tb.Errorf("%d records skipped", skipped)
	}
	return payloads
}
