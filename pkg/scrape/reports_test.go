package scrape

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
)

// TestANodeThatIsRefusedByTurnsIsLoggedOnce has the status of a node name an invalid address, another one each time, and a valid one where it fails, by
// turns for an hour.
func TestANodeThatIsRefusedByTurnsIsLoggedOnce(t *testing.T) {
	// A refusal is logged without a context.
	defer klog.CaptureState().Restore()
	background := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
	klog.SetLogger(background)
	synctest.Test(t, func(t *testing.T) {
		k := newKubelets()
		k.set("a", func(r *http.Request) (*http.Response, error) { return body(r, http.StatusForbidden, "") })
		manager, logged := startLogged(t, k)
		turns := int(time.Hour / resolution)
		for i := range turns {
			manager.Refuse("a", fmt.Errorf("address %d is invalid", i))
			<-time.After(resolution / 2)
			manager.Set(node("a"))
			<-time.After(resolution / 2)
		}
		text := logged() + background.GetSink().(ktesting.Underlier).GetBuffer().String()
		for _, line := range []string{`cause="no_address"`, `cause="forbidden"`} {
			if got := strings.Count(text, line); got < 5 || got > 7 {
				t.Errorf("%s was logged %d times in an hour and %d turns, want once in %s", line, got, turns, reportPause)
			}
		}
	})
}

// TestARemovedNodeIsLoggedAnew refuses a node, removes it, and refuses the node that has its name then.
func TestARemovedNodeIsLoggedAnew(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.Refuse("a", errors.New("no address"))
		before := b.refused["a"].reports
		b.Remove("a")
		b.Refuse("a", errors.New("no address"))
		if b.refused["a"].reports == before {
			t.Error("what was logged of the removed node is kept")
		}
	})
}

// TestAClockThatIsBehindByTurnsIsLoggedOnce has a server's clock seem to be behind at each second scrape for an hour, and at last for good.
func TestAClockThatIsBehindByTurnsIsLoggedOnce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
		ctx := klog.NewContext(t.Context(), logger)
		scrapes := int(time.Hour / resolution)
		for i := range scrapes {
			b.reportClock(ctx, time.Duration(i%2)*time.Minute)
			<-time.After(resolution)
		}
		text := func() string { return logger.GetSink().(ktesting.Underlier).GetBuffer().String() }
		for _, line := range []string{"is behind", "agrees with"} {
			if got := strings.Count(text(), line); got < 5 || got > 7 {
				t.Errorf("%q was logged %d times in an hour and %d scrapes, want once in %s", line, got, scrapes, reportPause)
			}
		}
		for range int(2 * reportPause / resolution) {
			b.reportClock(ctx, time.Minute)
			<-time.After(resolution)
		}
		if strings.LastIndex(text(), "is behind") < strings.LastIndex(text(), "agrees with") {
			t.Error("the log does not end with what holds for good")
		}
	})
}
