package generic

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/storage"
)

const (
	// versionWait is how long a request waits for a resource version that is newer than the newest: as long as kube-apiserver waits. A replica
	// that has scraped the same kubelets a moment earlier is met in that time.
	versionWait = 3 * time.Second
	// versionPoll is how often the request compares.
	versionPoll = 20 * time.Millisecond
)

// parseVersion returns the resource version of a request; 0 where any will do. The error is a BadRequest.
func parseVersion(version string) (uint64, error) {
	parsed, err := storage.APIObjectVersioner{}.ParseResourceVersion(version)
	if err != nil {
		return 0, apierrors.NewBadRequest(fmt.Sprintf("invalid resource version: %v", err))
	}
	return parsed, nil
}

// awaitVersion waits until a resource version has passed. The error is that of a version that is too large where it does not within versionWait,
// and a Timeout where the context ends before.
func (r *REST[O, U]) awaitVersion(ctx context.Context, version uint64) error {
	if r.hasPassed(version, 0) {
		return nil
	}
	err := context.DeadlineExceeded
	if r.hasPassed(version, versionWait) {
		err = wait.PollUntilContextTimeout(ctx, versionPoll, versionWait, false, func(context.Context) (bool, error) {
			return r.hasPassed(version, 0), nil
		})
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return interrupted(r.Resource, context.Cause(ctx))
	default:
		return storage.NewTooLargeResourceVersionError(version, r.Version(), retryAfter)
	}
}

// hasPassed is true where what is served after some time is at least as new as a resource version: that of the newest change is, or the clock is, which all
// later changes follow in microseconds. So a client of another replica need not wait for the next change of a small cluster.
func (r *REST[O, U]) hasPassed(version uint64, after time.Duration) bool {
	return version <= r.Version() || version <= uint64(max(r.Now().Add(after).UnixMicro(), 0))
}
