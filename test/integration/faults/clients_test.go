package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// clientAttack is what one client does, at a rate at which it takes little of the CPU time that all processes share.
type clientAttack struct {
	// name has the rate.
	name string
	// wage attacks until ctx ends. The error says that the attack did not take place, or that a response was not the one that a refused client gets.
	wage func(ctx context.Context, t *testing.T) error
	// counted are patterns of series that have risen, as in attack.
	counted []string
}

// logLimit is by how much the log of Plimsoll may grow during an attack, in bytes. A client may not choose the size of the log.
const logLimit = 128 << 10

// waged has the clients attack: at once, and in the full form one after the other.
func waged(t *testing.T, group string, clients []clientAttack) {
	t.Helper()
	if isFull {
		for _, c := range clients {
			t.Run(c.name, func(t *testing.T) { attackOf(c.name, []clientAttack{c}).run(t) })
		}
		return
	}
	attackOf(group, clients).run(t)
}

// attackOf is an attack of several clients at once.
func attackOf(name string, clients []clientAttack) attack {
	a := attack{name: name, table: clientsTable}
	for _, c := range clients {
		a.counted = append(a.counted, c.counted...)
	}
	a.wage = func(ctx context.Context, t *testing.T) error {
		before, own := logSize(), ownCPU()
		var all sync.WaitGroup
		failed := make([]error, len(clients))
		for i, c := range clients {
			all.Go(func() {
				if err := c.wage(ctx, t); err != nil {
					failed[i] = fmt.Errorf("%s: %w", c.name, err)
				}
			})
		}
		all.Wait()
		grown := logSize() - before
		t.Logf("the log grew by %d bytes; the clients and the kubelets took %.2f cores", grown, (ownCPU()-own).Seconds()/lasts.Seconds())
		if grown > logLimit {
			failed = append(failed, fmt.Errorf("the log grew by %d bytes, want at most %d", grown, logLimit))
		}
		return errors.Join(failed...)
	}
	return a
}

// logSize is the size of Plimsoll's log, in bytes; 0 where it cannot be found.
func logSize() int64 {
	info, err := os.Stat(env.Server.Log())
	if err != nil {
		return 0
	}
	return info.Size()
}

// ownCPU is the CPU time of this process: that of the clients and of the simulated kubelets.
func ownCPU() time.Duration {
	took, err := process.CPUTime(os.Getpid())
	if err != nil {
		return 0
	}
	return took
}

// party is who connects to Plimsoll itself, and where.
type party struct {
	address, url string
	tls          *tls.Config
	// from is the party's own address; nil for any.
	from net.Addr
}

// partyOf is a party with the certificate of a user; without a name it has none.
func partyOf(user string, groups ...string) (party, error) {
	config, err := env.Server.ConfigFor(user, groups...)
	if err != nil {
		return party{}, err
	}
	if user == "" {
		config = rest.AnonymousClientConfig(config)
	}
	trust, err := rest.TLSConfigFor(config)
	return party{address: strings.TrimPrefix(config.Host, "https://"), url: config.Host, tls: trust}, err
}

// at calls a function so many times a second until ctx ends, each time with the next number. Calls are in time slices of 20 ms, of which it skips those that it is
// late for.
func at(ctx context.Context, perSecond int, do func(i int)) {
	const slice = 20 * time.Millisecond
	ticker := time.NewTicker(slice)
	defer ticker.Stop()
	for i, due := 0, 0.0; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for due += float64(perSecond) * slice.Seconds(); due >= 1; due-- {
			do(i)
			i++
		}
	}
}

// tally counts what came of the requests of one client. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[what]++
}

// check returns an error where there were fewer than least results of a kind that is wanted, or one of another kind.
func (c *tally) check(least int, wanted ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := 0
	for what, n := range c.counts {
		if !slices.Contains(wanted, what) {
			return fmt.Errorf("%d results were %s, want %v alone", n, what, wanted)
		}
		found += n
	}
	if found < least {
		return fmt.Errorf("%d results %v, want at least %d", found, c.counts, least)
	}
	return nil
}

// log writes the counts to the log of the test.
func (c *tally) log(t *testing.T, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Logf("%s: %v", name, c.counts)
}
