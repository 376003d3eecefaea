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

// isWritten is true for the first sample of each interval. One without a new rate is none: its rate follows, or was written. Of details each decides by
// itself, because they have times of their own.
func (s *Sink) isWritten(r *export.Record) bool {
	return s.config.Interval <= 0 || r.Details != nil || r.Time != 0 && s.isNext(r.Time, r.Previous)
}

// isNext is true for a time that is in a later interval than the one before, which is 0 where there was none.
func (s *Sink) isNext(at, previous int64) bool {
	interval := int64(s.config.Interval)
	return interval <= 0 || previous == 0 || at/interval > previous/interval
}
