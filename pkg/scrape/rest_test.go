package scrape

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// resting rests before it answers, as a connection does while a kubelet makes its answer.
type resting struct{ http.RoundTripper }

func (r resting) RoundTrip(request *http.Request) (*http.Response, error) {
	if l := lineOf(request.Context()); l.rest != nil {
		l.outside(false)
		l.rest()
		l.outside(true)
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	return r.RoundTripper.RoundTrip(request)
}

func inRestingBubble(t *testing.T, test func(t *testing.T, b *bed)) {
	inBubble(t, func(c *Config) { c.Sources[0].Client = &http.Client{Transport: resting{c.Sources[0].Client.Transport}} }, test)
}

// TestLooksOfASlotRestTogether and go on at the end of the next, without more goroutines than one that works and one that listens.
func TestLooksOfASlotRestTogether(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		names := nodesOfOneSlot(10)
		for _, name := range names {
			b.Set(node(name))
		}
		<-time.After(5 * resolution)
		first := b.kubelets.looks(names[0])
		for _, name := range names[1:] {
			looks := b.kubelets.looks(name)
			if got, want := looks[len(looks)-1], first[len(first)-1]; got != want {
				t.Errorf("the answer of %s was read after %s, that of %s after %s", name, got, names[0], want)
			}
			if len(looks) < 5 {
				t.Errorf("node %s was looked at %d times", name, len(looks))
			}
		}
		b.rota.mu.Lock()
		defer b.rota.mu.Unlock()
		if b.rota.idle > 2 {
			t.Errorf("%d goroutines listen, want two at most", b.rota.idle)
		}
		if got := len(b.rota.seats); got != len(names) {
			t.Errorf("there are %d seats, want one for each of %d looks", got, len(names))
		}
	})
}

// TestLooksThatAreWaitedForRestShortly, the first and the second of a node.
func TestLooksThatAreWaitedForRestShortly(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		b.sink.young = 1
		b.Set(node("a"))
		<-time.After(3 * resolution)
		due := newSchedule("a", resolution).first()
		for i, at := range b.kubelets.looks("a")[:2] {
			if late := at - due; late < 0 || late > pause+2*shortSlot {
				t.Errorf("the answer to look %d was read %s after it was due, want %s at most", i, late, pause+2*shortSlot)
			}
			due = at + secondLook - pause - shortSlot // It counts from the question, and so from before the rest.
		}
	})
}

// TestLooksThatAreHastenedShareSlots has many be due within a second, as where the pods become known.
func TestLooksThatAreHastenedShareSlots(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		for i := range 100 {
			b.Set(node(fmt.Sprintf("n%d", i)))
		}
		<-time.After(firstSpread + shortSlot)
		for i := range 100 {
			b.rota.hasten(b.loops[fmt.Sprintf("n%d", i)], time.Duration(i)*time.Millisecond+1)
		}
		<-time.After(slot + shortSlot)
		for i := range 100 {
			looks := b.kubelets.looks(fmt.Sprintf("n%d", i))
			if at := looks[len(looks)-1]; len(looks) != 2 || at%shortSlot != 0 {
				t.Errorf("node %d was looked at %s, want ends of slots of %s", i, looks, shortSlot)
			}
		}
	})
}

// TestAKubeletThatTricklesHoldsNobodyUp: each of its bytes is waited for anew.
func TestAKubeletThatTricklesHoldsNobodyUp(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		names := nodesOfOneSlot(5)
		b.kubelets.set(names[0], func(r *http.Request) (*http.Response, error) {
			l := lineOf(r.Context())
			l.outside(false)
			for range 8000 {
				l.holdUp(true)
				<-time.After(time.Millisecond)
				l.holdUp(false)
			}
			return fine(r)
		})
		for _, name := range names {
			b.Set(node(name))
		}
		<-time.After(5 * resolution)
		for _, name := range names[1:] {
			checkTurns(t, b, name)
		}
	})
}

// TestANodeThatGoesWhileItsLookRests is waited for no longer than it takes to wake the look.
func TestANodeThatGoesWhileItsLookRests(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		b.Set(node("a"))
		awaitRest(t, b, 1)
		begin := time.Now()
		b.Remove("a")
		if took := time.Since(begin); took > 0 {
			t.Errorf("it took %s", took)
		}
		<-time.After(resolution)
		if told := b.sink.told(); len(told) != 1 || told[0] != "delete a" {
			t.Errorf("told %v, want the deletion alone", told)
		}
	})
}

// TestANodeThatMovesWhileItsLookRests is looked at again once that look is over.
func TestANodeThatMovesWhileItsLookRests(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		b.Set(node("a"))
		awaitRest(t, b, 1)
		moved := node("a")
		moved.URL = "http://b"
		b.Set(moved)
		<-time.After(4 * slot)
		if got := len(b.kubelets.looks("a")) + len(b.kubelets.looks("b")); got != 2 || len(b.kubelets.looks("b")) != 1 {
			t.Errorf("a was looked at after %s, b after %s", b.kubelets.looks("a"), b.kubelets.looks("b"))
		}
	})
}

// TestAServerStopsWhileLooksRest: the bubble fails where one of them, or its seat, is left.
func TestAServerStopsWhileLooksRest(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		for _, name := range nodesOfOneSlot(20) {
			b.Set(node(name))
		}
		awaitRest(t, b, 2)
	})
}

// TestANodeThatGoesWhileTheServerStops is not waited for for ever.
func TestANodeThatGoesWhileTheServerStops(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		names := nodesOfOneSlot(20)
		for _, name := range names {
			b.Set(node(name))
		}
		awaitRest(t, b, 2)
		// The bubble ends the server when the test returns, and fails where one of these never does.
		for _, name := range names {
			go b.Remove(name)
		}
	})
}

// TestSeatsAreNotKeptForEver where many looks took place at once.
func TestSeatsAreNotKeptForEver(t *testing.T) {
	inRestingBubble(t, func(t *testing.T, b *bed) {
		for i := range 3 * spare {
			name := fmt.Sprintf("n%d", i)
			b.kubelets.set(name, hang)
			b.Set(node(name))
		}
		<-time.After(2 * resolution)
		for i := range 3 * spare {
			b.Remove(fmt.Sprintf("n%d", i))
		}
		<-time.After(2 * slot) // The looks that were under way end.
		b.rota.mu.Lock()
		defer b.rota.mu.Unlock()
		if got := len(b.rota.seats); got != spare {
			t.Errorf("%d seats are kept, want %d", got, spare)
		}
	})
}

// awaitRest returns once so many looks rest, which those in turn do together.
func awaitRest(t *testing.T, b *bed, looks int) {
	t.Helper()
	for range int(2 * resolution / time.Millisecond) {
		<-time.After(time.Millisecond)
		synctest.Wait()
		if b.rota.rests() >= looks {
			return
		}
	}
	t.Fatalf("%d looks never rested at once", looks)
}

func (r *rota) rests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue.resting)
}

// busy takes a while of a core before and after it rests, and notes how long that took in all, and how many were at it at once.
type busy struct {
	http.RoundTripper
	each time.Duration

	mu        sync.Mutex
	now, most int
	longest   time.Duration
}

func (b *busy) RoundTrip(r *http.Request) (*http.Response, error) {
	begin := time.Now()
	l := lineOf(r.Context())
	l.outside(false)
	b.work()
	l.rest()
	b.work()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.longest = max(b.longest, time.Since(begin))
	return fine(r)
}

func (b *busy) work() {
	b.mu.Lock()
	b.now++
	b.most = max(b.most, b.now)
	b.mu.Unlock()
	<-time.After(b.each)
	b.mu.Lock()
	b.now--
	b.mu.Unlock()
}

// TestAServerThatIsBehindEndsWhatItBegan has looks be due faster than the cores can follow. No more are begun than can be ended soon.
func TestAServerThatIsBehindEndsWhatItBegan(t *testing.T) {
	b := &busy{each: time.Millisecond}
	inBubble(t, func(c *Config) { c.Sources[0].Client = &http.Client{Transport: b} }, func(t *testing.T, bed *bed) {
		nodes := 1000 * most()
		for i := range nodes {
			bed.Set(node(fmt.Sprintf("n%d", i)))
		}
		<-time.After(5 * time.Second)
		b.mu.Lock()
		defer b.mu.Unlock()
		if looked := bed.sink.count("put"); looked < nodes {
			t.Errorf("%d of %d nodes were looked at", looked, nodes)
		}
		if b.longest > 3*slot {
			t.Errorf("a look took %s, want %s at most", b.longest, 3*slot)
		}
		// Somebody who is on the way to the connection is not counted, and may meet one who came for that.
		if b.most > 2*most() {
			t.Errorf("%d worked at once, want %d at most", b.most, 2*most())
		}
	})
}
