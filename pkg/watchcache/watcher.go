package watchcache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
)

const (
	// sentAtOnce is how many events may wait for the encoder of a watcher, which sends all that wait in one piece.
	sentAtOnce = 64
	// bookmarkPeriod is how often a watcher is sent a bookmark at the least. The last one comes lastBookmark before the timeout.
	bookmarkPeriod = time.Minute
	lastBookmark   = 2 * time.Second
)

// watcher is one watch. One goroutine runs it.
type watcher[O comparable, U any] struct {
	cache   *Cache[O, U]
	session *session[O, U]
	request Request[O]
	result  chan watch.Event
	// stopped is closed when the client has gone, and expired when the watcher is too far behind.
	stopped, expired chan struct{}
	stopOnce         sync.Once
	// read is how many changes of the log the watcher has read.
	read atomic.Uint64
	// sent counts the events that were sent and not counted yet.
	sent int
}

// Stop implements watch.Interface.
func (w *watcher[O, U]) Stop() { w.stopOnce.Do(func() { close(w.stopped) }) }

// ResultChan implements watch.Interface.
func (w *watcher[O, U]) ResultChan() <-chan watch.Event { return w.result }

// expire is called once at the most.
func (w *watcher[O, U]) expire() { close(w.expired) }

// run sends the first events, then every change behind the batch at, until the client has gone or the watcher has to end.
func (w *watcher[O, U]) run(ctx context.Context, first beginning[O, U], at *batch[O, U]) {
	defer close(w.result)
	defer w.cache.release(w)
	defer func() { w.cache.counts.sent(w.sent) }()
	if !w.replay(ctx, first) {
		return
	}
	next := newBookmarks(ctx, w.request.Bookmarks)
	defer next.Stop()
	late := w.late()
	for {
		select {
		case <-late:
			if !w.sendEnded(ctx, at.version.Load()) {
				return
			}
		case <-at.appended:
			at = at.next
			if !w.sendChanges(ctx, at) {
				return
			}
		case <-next.C:
			if !w.send(ctx, watch.Bookmark, w.cache.bookmark(at.version.Load(), false)) {
				return
			}
			next.again()
		case <-w.expired:
			w.fail(ctx, slow)
			return
		case <-w.session.lost:
			w.fail(ctx, lost)
			return
		case <-w.stopped:
			return
		case <-ctx.Done():
			return
		}
	}
}

// sendChanges sends what concerns the watcher of a batch.
func (w *watcher[O, U]) sendChanges(ctx context.Context, b *batch[O, U]) bool {
	for _, c := range b.changes {
		after := w.selects(c.after)
		before := after
		if c.before == nil || c.after == nil || c.before.object != c.after.object {
			before = w.selects(c.before)
		}
		ok := true
		switch {
		case before && after:
			ok = w.send(ctx, watch.Modified, c.object)
		case after:
			ok = w.send(ctx, watch.Added, c.object)
		case before:
			ok = w.send(ctx, watch.Deleted, c.end)
		}
		if !ok {
			return false
		}
	}
	w.read.Store(b.total)
	w.cache.counts.sent(w.sent)
	w.sent = 0
	return true
}

func (w *watcher[O, U]) selects(e *entry[O, U]) bool {
	return e != nil && w.request.selects(e.key, e.object)
}

// send waits for the encoder. It is false where the watch is over.
func (w *watcher[O, U]) send(ctx context.Context, t watch.EventType, object runtime.Object) bool {
	select {
	case w.result <- watch.Event{Type: t, Object: object}:
		w.sent++
		return true
	case <-w.expired:
		w.fail(ctx, slow)
	case <-w.session.lost:
		w.fail(ctx, lost)
	case <-w.stopped:
	case <-ctx.Done():
	}
	return false
}

// Reasons why the server ends a watch, which are the values of a metric's label.
const (
	slow = "slow_client"
	lost = "changes_lost"
)

// fail sends the error that has the client list again.
func (w *watcher[O, U]) fail(ctx context.Context, reason string) {
	w.cache.counts.expired(reason)
	message := "the client reads changes more slowly than they come"
	if reason == lost {
		message = "the server has lost changes"
	}
	err := apierrors.NewResourceExpired("the watch of " + w.cache.resource.Name + " ends, list again: " + message)
	status := err.Status()
	select {
	case w.result <- watch.Event{Type: watch.Error, Object: &status}:
	case <-w.stopped:
	case <-ctx.Done():
	}
}

// bookmarks is when the next bookmark is due.
type bookmarks struct {
	*time.Timer
	end time.Time
}

// newBookmarks never comes due where the client has not asked for bookmarks.
func newBookmarks(ctx context.Context, wanted bool) *bookmarks {
	b := &bookmarks{Timer: time.NewTimer(time.Hour)}
	b.end, _ = ctx.Deadline()
	if b.Stop(); wanted {
		b.again()
	}
	return b
}

func (b *bookmarks) again() {
	period := bookmarkPeriod
	if left := time.Until(b.end) - lastBookmark; !b.end.IsZero() && left < period {
		if left <= 0 {
			return
		}
		period = left
	}
	b.Reset(period)
}
