//go:build linux

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// written is how much the container of the pod catalogue writes to its writable layer, in bytes.
const written = 16 << 20

// testDisks serves what a container is known to have written, give or take a mebibyte of directories and logs, more than one of
// the same image that writes nothing: where layers are copies, the image counts too.
func (env *environment) testDisks(t *testing.T) {
	env.install(t, "extra-resources")
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error {
		writer, err := env.diskOf(ctx, "catalogue")
		if err != nil {
			return err
		}
		other, err := env.diskOf(ctx, "ledger")
		if err != nil {
			return err
		}
		if got := writer - other; got < written-1<<20 || got > written+1<<20 {
			return fmt.Errorf("catalogue uses %d bytes of disk more than ledger, want about %d", got, written)
		}
		progress("catalogue uses %d bytes of disk, ledger %d, and the difference was written", writer, other)
		return nil
	})
	m, err := env.nodeMetrics(t.Context())
	must(t, err)
	if m.Usage.StorageEphemeral().Value() < written {
		t.Errorf("the node uses %s of disk", m.Usage.StorageEphemeral())
	}
}

// diskOf is the disk usage of the container app of a pod.
func (env *environment) diskOf(ctx context.Context, name string) (int64, error) {
	m, err := env.podMetrics(ctx, name)
	if err != nil {
		return 0, err
	}
	for _, c := range m.Containers {
		if used, ok := c.Usage[corev1.ResourceEphemeralStorage]; ok && c.Name == "app" {
			return used.Value(), nil
		}
	}
	return 0, fmt.Errorf("the use of disk by %s is not known yet", name)
}
