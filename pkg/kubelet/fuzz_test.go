package kubelet_test

import (
	"bytes"
	"context"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/reason"
)

// bodyLimit is how large a body may be in the fuzz test, in bytes.
const bodyLimit = 8 << 10

// FuzzResponse has a kubelet send any bytes in response to three requests, and after each of them.
//
// The properties: a body is that of the response to its own request and of nothing else; a connection that had an invalid, incomplete or ambiguous response, or
// surplus bytes, carries no other request; no goroutine and no connection is left; what is read and allocated is bounded; each error has a reason.
func FuzzResponse(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s.first, s.idle, s.second, s.third, s.flags)
	}
	f.Fuzz(func(t *testing.T, first, idle, second, third []byte, flags byte) {
		s := &script{parts: []part{
			{data: first, idle: idle, endless: flags&firstEndless != 0, ends: flags&firstEnds != 0},
			{data: second, endless: flags&secondEndless != 0, ends: flags&secondEnds != 0},
			{data: third},
		}}
		s.secure = flags&secure != 0
		before := allocated()
		synctest.Test(t, s.check)
		if got, most := allocated()-before, uint64(8<<20+200*(len(first)+len(second)+len(third))); got > most {
			t.Errorf("%d bytes were allocated, want %d at most", got, most)
		}
	})
}

// Flags of a seed.
const (
	firstEnds byte = 1 << iota
	secondEnds
	firstEndless
	secondEndless
	// secure has the client speak TLS to a kubelet that sends the bytes as they are.
	secure
)

// check sends three requests.
func (s *script) check(t *testing.T) {
	url := "http://kubelet:10250/"
	if s.secure {
		url = "https://kubelet:10250/"
	}
	client, err := kubelet.NewClientOver(s.dial, unlimited())
	if err != nil {
		t.Fatal(err)
	}
	conn := kubelet.Conn{}
	for range 3 {
		// The clock of the test moves when nothing else happens.
		ctx, cancel := context.WithTimeout(klog.NewContext(t.Context(), klog.Logger{}), 10*time.Second)
		body, _, err := client.Get(ctx, &conn, url, bodyLimit)
		cancel()
		switch {
		case err == nil:
			s.checkBody(t, body.Bytes())
			body.Close()
		case reason.Of(err).Label() == "other":
			t.Errorf("the error has no reason: %v", err)
		}
		if n := s.open(); n > 1 {
			t.Errorf("%d connections are open", n)
		}
		s.idle()
	}
	conn.Close()
	s.checkConnections(t)
}

// checkBody compares a body with that of the part that was sent last.
func (s *script) checkBody(t *testing.T, got []byte) {
	t.Helper()
	want, ok, _ := s.conns[len(s.conns)-1].current().expected(bodyLimit)
	if !ok || !bytes.Equal(got, want) {
		t.Errorf("the body %.200q is not that of the response to its request, which is %.200q (%t)", got, want, ok)
	}
}

// checkConnections wants all connections closed, and each that was used again to have brought nothing but responses until then.
func (s *script) checkConnections(t *testing.T) {
	t.Helper()
	if n := s.open(); n > 0 || len(s.conns) > 6 {
		t.Errorf("%d of %d connections are open", n, len(s.conns))
	}
	for i, c := range s.conns {
		for j, p := range c.used[:max(len(c.used)-1, 0)] {
			if _, _, reusable := p.expected(bodyLimit); !reusable {
				t.Errorf("connection %d was used again after part %d, %.200q, followed by %.200q", i, j, p.data, p.idle)
			}
		}
		if most := kubelet.MinAllowed + kubelet.ReadAhead + (1+kubelet.AllowedPerByte)*bodyLimit; c.most > most {
			t.Errorf("%d bytes were read for one request, want %d at most", c.most, most)
		}
	}
}

// allocated is how many bytes this process has allocated in all.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
