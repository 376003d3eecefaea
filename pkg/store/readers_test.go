package store

import (
	"strconv"
	"sync"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestSameUsageIsTheSameResponse wants a scrape that changes nothing to keep the encodings of readers.
func TestSameUsageIsTheSameResponse(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	b.putSelf(Identity{Name: "n"}, 100)
	b.advance(15)
	still := &sample.Node{Usage: b.usage(101, 9), Pods: pods(named("p", b.use("a", 101, 7)))}
	b.store.Put(Identity{Name: "n"}, still)
	slots := map[string]*usage.Encoded{"pod": &b.pods.cell("ns", "p", "u").JSON, "node": &b.nodeCell("n").JSON}
	for name, memo := range slots {
		memo.Put(name, name, []byte(name))
	}
	b.advance(15)
	b.store.Put(Identity{Name: "n"}, still)
	for name, memo := range slots {
		if _, ok := memo.Get(name, name); !ok {
			t.Errorf("what was made of the %s is lost", name)
		}
	}
	b.advance(15)
	b.putSelf(Identity{Name: "n"}, 104)
	for name, memo := range slots {
		if _, ok := memo.Get(name, name); ok {
			t.Errorf("the encoding of the older usage of the %s is kept", name)
		}
	}
}

// TestReadersDuringPuts has readers keep encodings while the usage changes. None goes back to older usage, and
// none is given the text of others.
func TestReadersDuringPuts(t *testing.T) {
	const scrapes = 300
	b := running(t, maxAge)
	slot := b.pods.cell("ns", "p", "u")
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for last := uint64(0); ; {
				u, ok := b.store.Reader().Pod(slot, "n")
				if !ok || u.ResourceVersion < last {
					t.Errorf("after generation %d came %v, %t", last, u, ok)
					return
				}
				last = u.ResourceVersion
				want := strconv.FormatUint(u.ResourceVersion, 10)
				if got, ok := slot.JSON.Get(slot, u); ok && string(got) != want {
					t.Errorf("the text of generation %s is %s", want, got)
					return
				}
				slot.JSON.Put(slot, u, []byte(want))
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range scrapes {
		b.advance(15)
		b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b1"}, 200+float64(i))
	}
	close(done)
	readers.Wait()
}
