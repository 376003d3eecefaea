package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

func TestShareOfLargeAnswers(t *testing.T) {
	tests := []struct {
		name               string
		limit, share, most int64
	}{
		{"no limit", math.MaxInt64, 64 << 20, 32 << 20},
		{"the manifests' limit, less a tenth", 460 << 20, 460 << 17, 460 << 16},
		{"a large machine", 64 << 30, 8 << 30, 32 << 20},
		{"next to nothing", 8 << 20, 2 << 20, 1 << 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := NewMemory(func() int64 { return tt.limit })
			if m.bytes() != tt.share || m.most() != tt.most {
				t.Errorf("the share is %d and an answer has %d of it, want %d and %d", m.bytes(), m.most(), tt.share, tt.most)
			}
		})
	}
}

// large is a body of so many bytes that comes at once.
type large int

func (l large) answer(r *http.Request) (*http.Response, error) {
	return body(r, 200, strings.Repeat("a", int(l)))
}

// trickle is a body that begins with so many bytes, and ends when its reader gives up.
type trickle int

func (s trickle) answer(r *http.Request) (*http.Response, error) {
	rest := readerFunc(func([]byte) (int, error) {
		<-r.Context().Done()
		return 0, r.Context().Err()
	})
	begun := strings.NewReader(strings.Repeat("a", int(s)))
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(begun, rest)), Request: r, ContentLength: -1}, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestLargeAnswersQueue has two kubelets that stop in the middle hold all the memory that large answers may have, until they are given up.
// Others of small answers go on as if there were none, and one of a large answer is put at last.
func TestLargeAnswersQueue(t *testing.T) {
	inBubble(t, func(c *Config) {
		c.Memory = NewMemory(func() int64 { return 64 << 20 })
		c.Sources[0].NewDecoder = Stateless(func(context.Context, []byte) (sample.Node, error) { return sample.Node{}, nil }).New
	}, func(t *testing.T, b *bed) {
		b.kubelets.set("slow-1", trickle(2<<20).answer)
		b.kubelets.set("slow-2", trickle(2<<20).answer)
		b.kubelets.set("large", large(3<<20).answer)
		for _, name := range []string{"slow-1", "slow-2"} {
			b.Set(node(name))
		}
		time.Sleep(2 * firstSpread)
		b.Set(node("large"))
		for i := range 20 {
			b.Set(node(fmt.Sprintf("small-%d", i)))
		}
		time.Sleep(firstSpread + time.Second)
		if got := b.sink.count("put small"); got < 20 {
			t.Errorf("small answers were put %d times, want 20", got)
		}
		time.Sleep(firstSpread + resolution)
		if got := b.Progress().Failing["timeout"]; got != 2 {
			t.Errorf("failing are %v, want the two that are slow by their timeout", b.Progress().Failing)
		}
		b.Remove("slow-1")
		b.Remove("slow-2")
		time.Sleep(2 * resolution)
		if b.sink.count("put large") == 0 {
			t.Errorf("the large answer was never put: %v", b.Progress().Failing)
		}
	})
}

// drip is a body that begins with so many bytes at once, and goes on with so many more in each second.
type drip struct {
	begin, perSecond int
	length           int64
}

func (d drip) answer(r *http.Request) (*http.Response, error) {
	begun := strings.NewReader(strings.Repeat("a", d.begin))
	rest := readerFunc(func(p []byte) (int, error) {
		select {
		case <-r.Context().Done():
			return 0, r.Context().Err()
		case <-time.After(time.Second / 8):
			return copy(p, strings.Repeat("a", d.perSecond/8)), nil
		}
	})
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(begun, rest)), Request: r, ContentLength: d.length}, nil
}

// TestSlowAnswersKeepNoMemoryFromOthers has two kubelets that send slowly, and one of a large answer, whose first scrape is put within a
// second, or where it has to wait for the others, before their timeouts.
func TestSlowAnswersKeepNoMemoryFromOthers(t *testing.T) {
	const told = 30 << 20
	for _, tt := range []struct {
		name string
		slow func(*http.Request) (*http.Response, error)
		most time.Duration
	}{
		{"they stop", trickle(smallBody + 1).answer, time.Second},
		{"they go on", drip{smallBody + 1, 300 << 10, -1}.answer, time.Second},
		{"they announce much", drip{smallBody + 1, 300 << 10, told}.answer, time.Second},
		{"they stop when they have much", trickle(told - 1).answer, 3 * time.Second},
		{"they trickle when they have much", drip{told - 1<<20, 100 << 10, told}.answer, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bodies := newPayloads(NewMemory(unlimited))
				ask := func(answer roundTrip) (int, error) {
					q := question{client: &http.Client{Transport: answer}, timeout: 9 * time.Second, url: "http://a", limit: maxBody}
					b, err := fetch(t.Context(), q, bodies)
					if err != nil {
						return 0, err
					}
					defer b.close()
					return b.Len(), nil
				}
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() {
						if _, err := ask(tt.slow); causeOf(err).Code != "timeout" {
							t.Errorf("a slow one: %v", err)
						}
					})
				}
				synctest.Wait()
				begin := time.Now()
				if n, err := ask(large(20 << 20).answer); n != 20<<20 || err != nil {
					t.Errorf("the honest one: %d bytes, %v", n, err)
				}
				if took := time.Since(begin); took > tt.most {
					t.Errorf("it took %s", took)
				}
				wg.Wait()
				if !bodies.memory.share.TryAcquire(shareUnits) {
					t.Error("memory was not given back")
				}
			})
		})
	}
}

// TestLargeAnswersThatComeSteadily have all the time of their scrape.
func TestLargeAnswersThatComeSteadily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steady := roundTrip(func(r *http.Request) (*http.Response, error) {
			response, err := drip{0, 400 << 10, -1}.answer(r)
			if err == nil {
				response.Body = io.NopCloser(io.LimitReader(response.Body, 3<<19))
			}
			return response, err
		})
		q := question{client: &http.Client{Transport: steady}, timeout: 9 * time.Second, url: "http://a", limit: maxBody}
		b, err := fetch(t.Context(), q, newPayloads(NewMemory(unlimited)))
		if err != nil {
			t.Fatal(err)
		}
		defer b.close()
		if b.Len() != 3<<19 {
			t.Errorf("read %d bytes", b.Len())
		}
	})
}

// TestAnAnswerDoesNotWaitForMoreMemoryForLong while it holds some.
func TestAnAnswerDoesNotWaitForMoreMemoryForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := newPayloads(NewMemory(unlimited))
		release, err := bodies.memory.reserve(t.Context(), largeDefault-6<<20)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		q := question{client: &http.Client{Transport: roundTrip(large(8 << 20).answer)}, timeout: 8 * time.Second, url: "http://a", limit: maxBody}
		if _, err := fetch(t.Context(), q, bodies); causeOf(err).Code != "no_memory" || time.Since(begin) != q.timeout/stepWait {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		release()
		if !bodies.memory.share.TryAcquire(shareUnits) {
			t.Error("memory was not given back")
		}
	})
}

func TestMemoryThatNeverComes(t *testing.T) {
	m := NewMemory(func() int64 { return 64 << 20 })
	release, err := m.reserve(t.Context(), m.bytes())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.reserve(ctx, 1); causeOf(err).Code != "no_memory" {
		t.Errorf("got %v of cause %q, want no_memory", err, causeOf(err).Code)
	}
	release()
	if release, err = m.reserve(t.Context(), 10*m.bytes()); err != nil {
		t.Fatalf("more than the share waits for all of it, and for no more: %v", err)
	}
	release()
}

// TestLargeAnswersAreDecodedOneAtATime has more of them than cores, and small ones that wait for none of them.
func TestLargeAnswersAreDecodedOneAtATime(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	inBubble(t, func(c *Config) {
		c.Sources[0].NewDecoder = Stateless(func(_ context.Context, text []byte) (sample.Node, error) {
			if len(text) <= smallBody {
				return sample.Node{}, nil
			}
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(500 * time.Millisecond)
			mu.Lock()
			now--
			mu.Unlock()
			return sample.Node{}, nil
		}).New
	}, func(t *testing.T, b *bed) {
		for i := range 6 {
			name := fmt.Sprintf("large-%d", i)
			b.kubelets.set(name, large(2<<20).answer)
			b.Set(node(name))
		}
		for i := range 20 {
			b.Set(node(fmt.Sprintf("small-%d", i)))
		}
		time.Sleep(firstSpread + 500*time.Millisecond)
		if got := b.sink.count("put small"); got < 20 {
			t.Errorf("small answers were put %d times, want 20", got)
		}
		time.Sleep(4 * time.Second)
		if got := b.sink.count("put large"); got != 6 || most != 1 {
			t.Errorf("large answers were put %d times, up to %d of them decoded at once; want 6 and 1", got, most)
		}
	})
}

// TestAbsurdAnswersAreAskedForLessOften ends what takes longer than its budget, keeps what was put before, and leaves such a kubelet alone.
func TestAbsurdAnswersAreAskedForLessOften(t *testing.T) {
	tests := []struct {
		name   string
		decode func(context.Context) error
		want   string
	}{
		{"over the budget", func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }, "over_budget"},
		{"over the budget without a look at it", func(ctx context.Context) error { <-ctx.Done(); return nil }, "over_budget"},
		{"too many", func(context.Context) error { return fmt.Errorf("lines: %w", decode.ErrTooMany) }, "too_many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(c *Config) {
				c.Sources[0].NewDecoder = Stateless(func(ctx context.Context, text []byte) (sample.Node, error) {
					if len(text) <= smallBody {
						return sample.Node{}, nil
					}
					return sample.Node{}, tt.decode(ctx)
				}).New
			}, func(t *testing.T, b *bed) {
				b.kubelets.set("bad", large(2<<20).answer)
				b.Set(node("bad"))
				b.Set(node("good"))
				time.Sleep(6 * resolution)
				if got := len(b.kubelets.looks("bad")); got < 2 || got > 3 {
					t.Errorf("the kubelet was asked %d times in six resolutions, want 2 or 3", got)
				}
				if got := b.Progress().Failing[tt.want]; got != 1 {
					t.Errorf("failing are %v, want one by %s", b.Progress().Failing, tt.want)
				}
				if b.sink.count("put bad") > 0 {
					t.Error("something of the answer was put")
				}
				if got := b.sink.count("put good"); got < 6 {
					t.Errorf("the other node was put %d times", got)
				}
			})
		})
	}
}

// TestBuffersOfLargeAnswersAreNotKept reads a large answer and then a small one.
func TestBuffersOfLargeAnswersAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := newPayloads(NewMemory(unlimited))
		for _, size := range []int{8 << 20, 100} {
			client := &http.Client{Transport: roundTrip(large(size).answer)}
			b, err := fetch(t.Context(), question{client: client, timeout: testTimeout, url: "http://a", limit: maxBody}, bodies)
			if err != nil {
				t.Fatal(err)
			}
			if b.Len() != size || b.isLarge() != (size > smallBody) || size == 100 && b.Cap() > 2*smallBody {
				t.Errorf("read %d of %d bytes into a buffer of %d, large: %t", b.Len(), size, b.Cap(), b.isLarge())
			}
			b.close()
		}
	})
}

// TestAnAnswerThatSaysThatItIsTooLarge is not read at all.
func TestAnAnswerThatSaysThatItIsTooLarge(t *testing.T) {
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		never := readerFunc(func([]byte) (int, error) { return 0, errors.New("it is read") })
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(never), Request: r, ContentLength: maxBody + 1}, nil
	})}
	q := question{client: client, timeout: testTimeout, url: "http://a", limit: maxBody}
	if _, err := fetch(t.Context(), q, newPayloads(NewMemory(unlimited))); !errors.Is(err, errTooLarge) {
		t.Errorf("got %v, want errTooLarge", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
