package influxdb

import (
	"iter"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// Encode implements export.Encoder. A payload is a part of the line protocol, compressed with gzip.
func (s *Sink) Encode(payloads []export.Payload, records iter.Seq[*export.Record]) (all []export.Payload, skipped int) {
	for r := range records {
		if !r.IsFirst(s.config.Interval) {
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
