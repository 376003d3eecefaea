package scrape

import (
	"bytes"
	"context"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ask fetches one answer, decodes it and gives it to use, which may run at the same time as those of other nodes, but no more of
// them than there are cores.
func (m *Manager) ask(ctx context.Context, url string, decode func([]byte) (sample.Node, error), use func(*sample.Node) error) error {
	body := m.bodies.Get().(*bytes.Buffer)
	defer m.bodies.Put(body)
	body.Reset()
	if err := m.fetcher.fetch(ctx, url, body); err != nil {
		return err
	}
	received := time.Now()
	if err := m.decoding.Acquire(ctx, 1); err != nil {
		return err
	}
	defer m.decoding.Release(1)
	n, err := decode(body.Bytes())
	if err != nil {
		return err
	}
	n.Stamp(received.UnixNano())
	return use(&n)
}
