//go:build linux

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// written is what the container of the pod catalogue writes to its own layer, in bytes.
const written = 16 << 20

// testDisks serves what a container is known to have written, give or take a mebibyte of directories and logs.
func (w *world) testDisks(t *testing.T) {
	w.install(t, "extra-resources")
	eventually(t, 90*time.Second, func(ctx context.Context) error {
		m, err := w.podMetrics(ctx, "catalogue")
		if err != nil {
			return err
		}
		got := m.Containers[0].Usage.StorageEphemeral().Value()
		if got < written || got > written+1<<20 {
			return fmt.Errorf("catalogue uses %d bytes of disk, want about %d", got, written)
		}
		progress("catalogue uses %d bytes of disk, and has written %d", got, written)
		return nil
	})
	m, err := w.nodeMetrics(t.Context())
	must(t, err)
	if m.Usage.StorageEphemeral().Value() < written {
		t.Errorf("the node uses %s of disk", m.Usage.StorageEphemeral())
	}
}
