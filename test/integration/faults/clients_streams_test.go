package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// unbounded is a window that lets the server send all.
var unbounded = []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 1 << 30}}

// resets is a client that opens streams, so many a second, and resets each of them when it has opened a few more. A path with %d has a number there that makes it
// new.
func resets(user, path string, perSecond, later int) func(context.Context, *testing.T) error {
	return func(ctx context.Context, t *testing.T) error {
		var results tally
		number := 0
		err := frames{user: user, perSecond: perSecond, reads: true, write: func(c *frameWriter, i int) error {
			number++
			id, err := c.open(http.MethodGet, strings.Replace(path, "%d", strconv.Itoa(number), 1), true)
			if err != nil || i < later {
				return err
			}
			return c.WriteRSTStream(id-2*uint32(later), http2.ErrCodeCancel)
		}}.wage(ctx, &results)
		results.log(t, "resets of "+path+" by "+user)
		return errors.Join(err, results.check(perSecond*int(lasts.Seconds())/3, "frames", "connections", "connections refused"))
	}
}

// neverRead is a client that opens connections with 100 streams each, as many as the server allows, lets it send whole lists, and reads no byte of any
// connection. 20 times a second it opens one more stream, for those that the server has refused.
func neverRead(user, path string, connections int) func(context.Context, *testing.T) error {
	return func(ctx context.Context, t *testing.T) error {
		var results tally
		failed := make([]error, connections)
		var all sync.WaitGroup
		for i := range connections {
			all.Go(func() {
				failed[i] = frames{user: user, perSecond: 20, settings: unbounded, begin: func(c *frameWriter) error {
					return errors.Join(c.WriteWindowUpdate(0, 1<<30), openStreams(c, path, 100), c.out.Flush())
				}, write: func(c *frameWriter, _ int) error { return openStreams(c, path, 1) }}.wage(ctx, &results)
			})
		}
		all.Wait()
		results.log(t, "never read, by "+user)
		return errors.Join(errors.Join(failed...), results.check(connections, "frames", "connections", "connections refused"))
	}
}

func openStreams(c *frameWriter, path string, count int) error {
	for range count {
		if _, err := c.open(http.MethodGet, path, true); err != nil {
			return err
		}
	}
	return nil
}

// withEverything gives the user everything its rights, and waits until they are in force. Then the decision about full lists is cached for a minute.
func withEverything(t *testing.T) {
	t.Helper()
	withRights(t, everythingRights)
	config, err := env.Server.ConfigFor(everything)
	if err != nil {
		t.Fatal(err)
	}
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		_, err := cluster.Fetch(ctx, config, apis+"/pods")
		return err
	})
}

// TestStreamsThatAreReset has an anonymous client and one with all rights reset thousands of streams as soon as they are open, and others read nothing.
func TestStreamsThatAreReset(t *testing.T) {
	withEverything(t)
	waged(t, "streams that are reset at once, 700/s, and 20 connections that are never read", []clientAttack{
		{"resets, anonymous, 500/s", resets("", apis+"/pods", 500, 0), []string{notAllowed}},
		{"resets of full lists, 200/s", resets(everything, apis+"/pods", 200, 0), []string{`^apiserver_request_aborts_total|^apiserver_request_terminations_total|^apiserver_request_post_timeout_total`}},
		{"10 connections that are never read, anonymous", neverRead("", apis+"/pods", 10), []string{notAllowed}},
		{"10 connections that are never read", neverRead(everything, apis+"/pods", 10), []string{refusals("share_of_user")}},
	})
}

// newDecisions observes the latency of calls about which the API server has to decide, because no decision about them is cached: those of a user who may do
// everything, in a namespace that was in no call before.
func newDecisions(t *testing.T) observe.Observer {
	t.Helper()
	const name = "client without a cached decision"
	config, err := env.Server.ConfigFor(everything)
	if err != nil {
		t.Fatal(err)
	}
	var last atomic.Int64
	return observe.Observer{Name: name, Every: 500 * time.Millisecond, Observe: func(ctx context.Context, o *observe.Observation) error {
		begin := time.Now()
		_, err := cluster.Fetch(ctx, config, fmt.Sprintf("%s/namespaces/unheard-of-%d/pods", apis, last.Add(1)))
		o.NoteCall(name, time.Since(begin))
		return err
	}}
}

// TestStreamsThatAskAndAreReset has an anonymous client and one without rights open streams, about each of which the API server has to decide anew, and reset them
// while it does. What was asked of it is not taken back by that, and the decisions about others wait for it.
func TestStreamsThatAskAndAreReset(t *testing.T) {
	const rate, path = 400, apis + "/namespaces/%d/pods"
	withEverything(t)
	undecided := []string{refusals("undecided_requests_of_user")}
	a := attackOf("resets of what is not decided yet, 1,600/s", []clientAttack{
		{"anonymous, at once, 400/s", resets("", path, rate, 0), nil},
		{"anonymous, 400/s", resets("", path, rate, 40), undecided},
		{"without rights, at once, 400/s", resets("stranger", path, rate, 0), nil},
		{"without rights, 400/s", resets("stranger", path, rate, 40), undecided},
	})
	a.observers = []observe.Observer{newDecisions(t)}
	a.run(t)
}

// slowReaders are so many readers of one path, on streams of connections with 50 each. Each takes 64 bytes every 200 ms, and begins again after 5 s.
func slowReaders(user, path string, readers int) func(context.Context, *testing.T) error {
	const perConnection, perSecond = 50, 5 * 50
	return func(ctx context.Context, t *testing.T) error {
		var results tally
		failed := make([]error, readers/perConnection)
		var all sync.WaitGroup
		for i := range failed {
			all.Go(func() {
				failed[i] = frames{user: user, perSecond: perSecond, reads: true, settings: unread, write: func(c *frameWriter, i int) error {
					if i%(5*perSecond) == 0 {
						if err := openStreams(c, path, perConnection); err != nil {
							return err
						}
					}
					return c.WriteWindowUpdate(c.next-2*uint32(i%perConnection+1), 64)
				}}.wage(ctx, &results)
			})
		}
		all.Wait()
		results.log(t, "slow readers of "+path+" by "+user)
		return errors.Join(errors.Join(failed...), results.check(readers, "frames", "connections", "connections refused"))
	}
}

// TestSlowReaders has 250 clients of one user read the list of all pods slowly, more than one user has places for, and 200 anonymous ones their refusals.
func TestSlowReaders(t *testing.T) {
	withEverything(t)
	waged(t, "450 slow readers, 64 bytes every 200 ms", []clientAttack{
		{"250 slow readers of all pods, of one user", slowReaders(everything, apis+"/pods", 250), []string{refusals("share_of_user")}},
		{"200 slow readers, anonymous", slowReaders("", apis+"/pods", 200), []string{refusals("refusal_without_body")}},
	})
}
