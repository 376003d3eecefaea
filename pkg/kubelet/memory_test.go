package kubelet

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestShareOfLargeBodies(t *testing.T) {
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
			if m.bytes() != tt.share || m.maxBody() != tt.most {
				t.Errorf("the share is %d and a body has %d of it, want %d and %d", m.bytes(), m.maxBody(), tt.share, tt.most)
			}
		})
	}
}

// large is a body of so many bytes that comes at once.
type large int

func (l large) respond(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(strings.Repeat("a", int(l)))), Request: r}, nil
}

// stalling is a body that begins with so many bytes, and ends when its reader gives up.
type stalling int

func (s stalling) respond(r *http.Request) (*http.Response, error) {
	rest := readerFunc(func([]byte) (int, error) {
		<-r.Context().Done()
		return 0, r.Context().Err()
	})
	begun := strings.NewReader(strings.Repeat("a", int(s)))
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(begun, rest)), Request: r, ContentLength: -1}, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// drip is a body that begins with so many bytes at once, and goes on with so many more in each second.
type drip struct {
	begin, perSecond int
	length           int64
}

func (d drip) respond(r *http.Request) (*http.Response, error) {
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

// TestSlowResponseLosesItsMemory has two kubelets that send slowly, and one that sends a large body at once: that is read within a second, or where
// it has to wait for the other two, before their timeouts.
func TestSlowResponseLosesItsMemory(t *testing.T) {
	const announced = 30 << 20
	for _, tt := range []struct {
		name string
		slow func(*http.Request) (*http.Response, error)
		most time.Duration
	}{
		{"they stop", stalling(smallBody + 1).respond, time.Second},
		{"they go on", drip{smallBody + 1, 300 << 10, -1}.respond, time.Second},
		{"they announce much", drip{smallBody + 1, 300 << 10, announced}.respond, time.Second},
		{"they stop when they have much", stalling(announced - 1).respond, 3 * time.Second},
		{"they trickle when they have much", drip{announced - 1<<20, 100 << 10, announced}.respond, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory := newUnlimitedMemory()
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() {
						if _, err := getLarge(t, memory, tt.slow, 9*time.Second); kindOf(err) != "timeout" {
							t.Errorf("a slow one: %v", err)
						}
					})
				}
				synctest.Wait()
				begin := time.Now()
				if n, err := getLarge(t, memory, large(20<<20).respond, 9*time.Second); n != 20<<20 || err != nil {
					t.Errorf("the honest one: %d bytes, %v", n, err)
				}
				if took := time.Since(begin); took > tt.most {
					t.Errorf("it took %s", took)
				}
				wg.Wait()
				if !memory.share.TryAcquire(shareUnits) {
					t.Error("memory was not given back")
				}
			})
		})
	}
}

// TestSteadyLargeResponse has all the time of its request.
func TestSteadyLargeResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steady := transportFunc(func(r *http.Request) (*http.Response, error) {
			response, err := drip{0, 400 << 10, -1}.respond(r)
			if err == nil {
				response.Body = io.NopCloser(io.LimitReader(response.Body, 3<<19))
			}
			return response, err
		})
		if n, err := getLarge(t, newUnlimitedMemory(), steady, 9*time.Second); n != 3<<19 || err != nil {
			t.Errorf("read %d bytes: %v", n, err)
		}
	})
}

// TestBodyWithMemoryDoesNotWaitForLong has no more memory come.
func TestBodyWithMemoryDoesNotWaitForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := newUnlimitedMemory()
		units, err := memory.reserve(t.Context(), largeDefault-6<<20)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		const timeout = 8 * time.Second
		if _, err := getLarge(t, memory, large(8<<20).respond, timeout); kindOf(err) != "no memory" || time.Since(begin) != timeout/waitPart {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		memory.share.Release(units)
		if !memory.share.TryAcquire(shareUnits) {
			t.Error("memory was not given back")
		}
	})
}

func TestMemoryThatIsNeverReleased(t *testing.T) {
	m := NewMemory(func() int64 { return 64 << 20 })
	units, err := m.reserve(t.Context(), m.bytes())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.reserve(ctx, 1); !errors.Is(err, ErrNoMemory) {
		t.Errorf("got %v, want ErrNoMemory", err)
	}
	m.share.Release(units)
	if units, err = m.reserve(t.Context(), 10*m.bytes()); err != nil {
		t.Fatalf("more than the share waits for all of it, and for no more: %v", err)
	}
	m.share.Release(units)
}

// TestBufferOfLargeBodyIsNotKept reads a large body and then a small one.
func TestBufferOfLargeBodyIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := newUnlimitedMemory()
		for _, size := range []int{8 << 20, 100} {
			b, _, err := newClientThrough(memory, transportFunc(large(size).respond)).Get(t.Context(), new(Conn), "http://a", MaxBody)
			if err != nil {
				t.Fatal(err)
			}
			if b.buf.Len() != size || b.IsLarge() != (size > smallBody) || size == 100 && b.buf.Cap() > 2*smallBody {
				t.Errorf("read %d of %d bytes into a buffer of %d, large: %t", b.buf.Len(), size, b.buf.Cap(), b.IsLarge())
			}
			b.Close()
		}
	})
}

// TestBodyThatIsAnnouncedTooLargeIsNotRead at all.
func TestBufferOfLargeBodyIsNoLargerThanReserved(t *testing.T) {
	for _, size := range []int{smallBody + 1, 2 * smallBody, 5<<20 + 1, MaxBody - 1, MaxBody} {
		synctest.Test(t, func(t *testing.T) {
			b, _, err := newClientThrough(newUnlimitedMemory(), transportFunc(large(size).respond)).Get(t.Context(), new(Conn), "http://a", MaxBody)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			if got, most := b.buf.Cap(), int(b.reserved)+64<<10; got > most {
				t.Errorf("a body of %d bytes has a buffer of %d, want %d at most", size, got, most)
			}
		})
	}
}

func TestBodyThatIsAnnouncedTooLargeIsNotRead(t *testing.T) {
	tooLarge := transportFunc(func(r *http.Request) (*http.Response, error) {
		never := readerFunc(func([]byte) (int, error) { return 0, errors.New("it is read") })
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(never), Request: r, ContentLength: MaxBody + 1}, nil
	})
	if _, err := getLarge(t, newUnlimitedMemory(), tooLarge, testTimeout); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

// getLarge returns how many bytes the body of a response has.
func getLarge(t *testing.T, memory *Memory, respond transportFunc, timeout time.Duration) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	b, _, err := newClientThrough(memory, respond).Get(ctx, new(Conn), "http://a", MaxBody)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	return len(b.Bytes()), nil
}
