package scrape

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

// TestNodeThatIsSometimesRefusedIsLoggedOnce has the status of a node name an invalid address, another one each time, and a valid one at which it fails, alternately
// for an hour.
func TestNodeThatIsSometimesRefusedIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKubelets()
		k.set("a", func(r *http.Request) (*http.Response, error) { return body(r, http.StatusForbidden, "") })
		manager, logged := startLogged(t, k)
		alternations := int(time.Hour / resolution)
		for i := range alternations {
			manager.Refuse("a", fmt.Errorf("address %d is invalid", i))
			<-time.After(resolution / 2)
			manager.Set(node("a"))
			<-time.After(resolution / 2)
		}
		text := logged()
		for _, line := range []string{`reason="no_address"`, `reason="forbidden"`} {
			if got := strings.Count(text, line); got < 5 || got > 7 {
				t.Errorf("%s was logged %d times in an hour and %d alternations, want once in %s", line, got, alternations, loglimit.Interval)
			}
		}
	})
}

// TestRefusalIsLoggedWithTheContextOfStart has nodes refused before and after Start: both are logged with the values of its logger, such as the cluster.
func TestRefusalIsLoggedWithTheContextOfStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0))).WithValues("cluster", "west")
		manager := NewManager(Config{Store: &recordingStore{seen: map[string]bool{}}})
		manager.Refuse("before", errors.New("no address"))
		ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), logger))
		done := make(chan struct{})
		go func() { defer close(done); _ = manager.Start(ctx) }()
		synctest.Wait()
		manager.Refuse("after", errors.New("no address"))
		cancel()
		<-done
		text := logger.GetSink().(ktesting.Underlier).GetBuffer().String()
		for _, node := range []string{"before", "after"} {
			if want := `Node cannot be scraped cluster="west" node="` + node + `"`; strings.Count(text, want) != 1 {
				t.Errorf("%s was logged %d times, want once, in:\n%s", want, strings.Count(text, want), text)
			}
		}
	})
}

// TestRemovedNodeIsLoggedAgain refuses a node, removes it, and refuses the node that has its name then.
func TestRemovedNodeIsLoggedAgain(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.Refuse("a", errors.New("no address"))
		before := b.refused["a"].logged
		b.Remove("a")
		b.Refuse("a", errors.New("no address"))
		if b.refused["a"].logged == before {
			t.Error("what was logged of the removed node is kept")
		}
	})
}

// TestClockThatIsSometimesBehindIsLoggedOnce has a server's clock seem to be behind at each second scrape for an hour, and at last for good.
func TestClockThatIsSometimesBehindIsLoggedOnce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
		ctx := klog.NewContext(t.Context(), logger)
		scrapes := int(time.Hour / resolution)
		for i := range scrapes {
			b.logClock(ctx, time.Duration(i%2)*time.Minute)
			<-time.After(resolution)
		}
		text := func() string { return logger.GetSink().(ktesting.Underlier).GetBuffer().String() }
		for _, line := range []string{"is behind", "agrees with"} {
			if got := strings.Count(text(), line); got < 5 || got > 7 {
				t.Errorf("%q was logged %d times in an hour and %d scrapes, want once in %s", line, got, scrapes, loglimit.Interval)
			}
		}
		for range int(2 * loglimit.Interval / resolution) {
			b.logClock(ctx, time.Minute)
			<-time.After(resolution)
		}
		if strings.LastIndex(text(), "is behind") < strings.LastIndex(text(), "agrees with") {
			t.Error("the log does not end with what holds for good")
		}
	})
}

// TestReasonThatReturnsIsLoggedInTheEnd has a node fail for one reason, for another one for a minute, and for the first one again, or succeed at last: the
// log ends with what stays.
func TestReasonThatReturnsIsLoggedInTheEnd(t *testing.T) {
	forbidden, status := reply{http.StatusForbidden, ""}, reply{http.StatusServiceUnavailable, ""}
	for _, tt := range []struct {
		name    string
		replies []reply
		// lines are those of the log, each by a part of it.
		lines []string
	}{
		{"fails as before", []reply{forbidden, status, forbidden}, []string{`reason="forbidden"`, `reason="status"`, `reason="forbidden"`}},
		{"fails again", []reply{forbidden, {200, "fine"}, forbidden}, []string{`reason="forbidden"`, "Node is scraped again", `reason="forbidden"`}},
		{"fails again for a minute", []reply{forbidden, {200, "fine"}, forbidden, {200, "fine"}}, []string{`reason="forbidden"`, "Node is scraped again"}},
		{"succeeds in the end", []reply{{200, "fine"}, forbidden, {200, "fine"}, status, {200, "fine"}},
			[]string{`reason="forbidden"`, "Node is scraped again", `reason="status"`, "Node is scraped again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newKubelets()
				manager, logged := startLogged(t, k)
				for _, r := range tt.replies {
					k.set("a", func(request *http.Request) (*http.Response, error) { return body(request, r.code, r.text) })
					manager.Set(node("a"))
					<-time.After(time.Minute)
				}
				<-time.After(loglimit.Interval + maxBackOff)
				var lines []string
				for line := range strings.Lines(logged()) {
					lines = append(lines, line)
				}
				if len(lines) != len(tt.lines) {
					t.Fatalf("%d lines, want %d:\n%s", len(lines), len(tt.lines), strings.Join(lines, ""))
				}
				for i, want := range tt.lines {
					if !strings.Contains(lines[i], want) {
						t.Errorf("line %d is %q, want %s", i, lines[i], want)
					}
				}
			})
		})
	}
}
