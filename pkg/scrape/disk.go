package scrape

import (
	"context"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/target"
)

const (
	// diskLooks and diskPause say how much less often disks are looked at than the rest, in looks and in time: for its answer
	// a kubelet walks the directories of all logs.
	diskLooks = 4
	diskPause = time.Minute
	// diskPatience is for how many looks at disks an answer is served.
	diskPatience = 3
)

// diskStatus is what the looks at a node's disks came to.
type diskStatus struct {
	// asked is when the kubelet was last asked; zero for never.
	asked time.Time
	// code is the cause of the newest failure; empty where there was none.
	code string
}

// lookAtDisks asks the kubelet for its use of disks if it is time to. Failing costs nothing but that: the next look in turn is not
// waited for longer.
func (l *loop) lookAtDisks(ctx context.Context, v view) {
	t, pause := v.target, max(diskLooks*v.source.Resolution, diskPause)
	if t.DiskURL == "" || !l.diskTurn(pause) {
		return
	}
	q := v.ask(t.DiskURL)
	wait, _ := l.nextScrape()
	q.timeout = min(q.timeout, wait-secondLook)
	err := l.manager.ask(ctx, q, func(ctx context.Context, body []byte, _ time.Time) error {
		var d sample.Node
		err := guarded(func() (err error) { d, err = l.manager.disk(ctx, body); return err })
		if err == nil {
			l.manager.metrics.reject(l.manager.sink.PutDisk(l.identity(t), &d, diskPatience*pause))
		}
		return err
	})
	if ctx.Err() == nil {
		l.reportDisks(ctx, t, err)
	}
}

// diskTurn is true where it is time to ask, and counts it as done. A look that comes out of turn goes first. What rounding takes
// from a pause is no reason to wait longer.
func (l *loop) diskTurn(pause time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.again || !l.disks.asked.IsZero() && time.Since(l.disks.asked) < pause-secondLook {
		return false
	}
	l.disks.asked = time.Now()
	return true
}

// reportDisks logs a cause once, when it appears.
func (l *loop) reportDisks(ctx context.Context, t target.Target, err error) {
	cause := causeOf(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if cause.Code != "" && cause.Code != l.disks.code && l.reports.isNew("disks "+cause.Code) {
		klog.FromContext(ctx).Info("Kubelet does not tell of its disks: ephemeral-storage is left out",
			"node", t.Node, "cause", cause.Code, "explanation", cause.Text, "err", err)
	}
	l.disks.code = cause.Code
}
