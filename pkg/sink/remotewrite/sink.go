package remotewrite

import (
	"iter"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

// Config says where the samples go, and which labels they have.
type Config struct {
	// Endpoint is the address of the receiver with its path, such as http://prometheus:9090/api/v1/write.
	Endpoint endpoint.Config
	// Cluster is the label cluster of records that name no cluster; empty for none.
	Cluster string
	// Labels are added to each series.
	Labels map[string]string
	// Version2 sends the messages of remote write 2.0 until the receiver shows that it does not know them.
	Version2 bool
}

// Sink encodes records for remote write and delivers them.
type Sink struct {
	endpoint *endpoint.Endpoint
	labels   labelSet
	batch    batch
	// before and after are the labels of one record.
	before, after []label
	version2      bool
	receiver      receiverVersion
}

// New returns the sink of a configuration. It sends nothing.
func New(c Config) (*Sink, error) {
	labels, err := newLabelSet(c.Cluster, c.Labels)
	if err != nil {
		return nil, err
	}
	target, err := endpoint.New(c.Endpoint)
	if err != nil {
		return nil, err
	}
	s := &Sink{endpoint: target, labels: labels, batch: &batch1{}, version2: c.Version2}
	if c.Version2 {
		s.batch = newBatch2()
	}
	return s, nil
}

// Needs returns the ends of objects, for stale markers.
func (s *Sink) Needs() export.Needs { return export.Needs{Ends: true} }

// maxSamples is how many samples a payload has at most. The samples of one record stay together.
const maxSamples = 5000

// Encode implements [export.Encoder]. It can write all records.
func (s *Sink) Encode(payloads []export.Payload, records iter.Seq[*export.Record]) (all []export.Payload, skipped int) {
	for r := range records {
		s.add(r)
		if s.batch.len() >= maxSamples {
			payloads = append(payloads, s.batch.payload())
		}
	}
	if s.batch.len() > 0 {
		payloads = append(payloads, s.batch.payload())
	}
	return payloads, 0
}
