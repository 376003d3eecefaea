package text

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// Config is what a Sink is made of.
type Config struct {
	// Cluster is the name of the home cluster in the lines; empty for none.
	Cluster string
	// LinesPerMinute bounds the log. Objects beyond it are left out, and counted.
	LinesPerMinute int
}

// Sink writes lines to the logger of the context. It implements export.Encoder and export.Sender.
type Sink struct {
	config Config
	// began is when the minute began in which so many lines were encoded.
	began time.Time
	lines int
}

// New returns the sink that the config describes.
func New(c Config) (*Sink, error) { return &Sink{config: c}, nil }

// Needs are nothing but usage.
func (*Sink) Needs() export.Needs { return export.Needs{} }

// Encode implements export.Encoder. A payload is lines without their ends.
func (s *Sink) Encode(payloads []export.Payload, records iter.Seq[*export.Record]) (all []export.Payload, skipped int) {
	if now := time.Now(); now.Sub(s.began) >= time.Minute {
		s.began, s.lines = now, 0
	}
	var body bytes.Buffer
	written := 0
	for r := range records {
		if s.lines == s.config.LinesPerMinute {
			skipped++
			continue
		}
		s.lines++
		written++
		s.write(&body, r)
	}
	if written == 0 {
		return payloads, skipped
	}
	if skipped > 0 {
		fmt.Fprintf(&body, "further objects is omitted until %s: --sink=log?lines=NUMBER allows more lines a minute\n", s.began.Add(time.Minute).UTC().Format(time.TimeOnly))
	}
	return append(payloads, export.Payload{Body: bytes.TrimRight(body.Bytes(), "\n"), Points: written}), skipped
}

// write adds the line of one record, with what is known.
func (s *Sink) write(to *bytes.Buffer, r *export.Record) {
	var parts []string
	if r.Time != 0 {
		parts = append(parts, fmt.Sprintf("cpu %.1fm over %v until %s", float64(r.Rate)/1e6, time.Duration(r.Window), format(r.Time)))
	}
	if r.Memory.Time != 0 {
		parts = append(parts, fmt.Sprintf("memory %.1fMi at %s", float64(r.Memory.Value)/(1<<20), format(r.Memory.Time)))
	}
	for _, extra := range r.Extra {
		parts = append(parts, fmt.Sprintf("%s %d", extra.Resource.Info().Key, extra.Value))
	}
	fmt.Fprintf(to, "%s: %s\n", s.subject(r), strings.Join(parts, ", "))
}

// subject names the object. Names of objects have no characters that a log interprets.
func (s *Sink) subject(r *export.Record) string {
	of := ""
	if cluster := cmp.Or(r.Cluster, s.config.Cluster); cluster != "" {
		of = " of cluster " + cluster
	}
	switch r.Level {
	case export.Container:
		return fmt.Sprintf("container %s of pod %s/%s on node %s%s", r.Container, r.Namespace, r.Pod, r.Node, of)
	case export.Pod:
		return fmt.Sprintf("pod %s/%s on node %s%s", r.Namespace, r.Pod, r.Node, of)
	case export.Node:
		return "node " + r.Node + of
	case export.Namespace:
		return "namespace " + r.Namespace + of
	}
	return "cluster" + strings.TrimPrefix(of, " of cluster")
}

func format(at int64) string { return time.Unix(0, at).UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// Send implements export.Sender.
func (*Sink) Send(ctx context.Context, p export.Payload) error {
	logger := klog.FromContext(ctx)
	for line := range bytes.SplitSeq(p.Body, []byte("\n")) {
		logger.Info("Usage of " + string(line))
	}
	return nil
}
