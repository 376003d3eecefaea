package influxdb

import (
	"iter"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// Encode implements export.Encoder. A payload is a part of the line protocol, compressed with gzip.
func (s *Sink) Encode(payloads []export.Payload, records iter.Seq[*export.Record]) (all []export.Payload, skipped int) {
	for r := range records {
		if !s.isWritten(r) {
			continue
		}
		tags, err := s.tags.of(r)
		if err != nil {
			skipped++
			continue
		}
		s.batch.begin(tags)
		s.writeUsage(r)
		s.writeDetails(r.Details)
		s.batch.end()
		if s.batch.isFull() {
			payloads = s.batch.finish(payloads)
		}
	}
	return s.batch.finish(payloads), skipped
}

// isWritten is true for the first sample of each interval.
func (s *Sink) isWritten(r *export.Record) bool {
	at, interval := r.Time, int64(s.config.Interval)
	if r.Details != nil {
		at = newest(r)
	}
	return interval <= 0 || r.Previous == 0 || at/interval > r.Previous/interval
}
