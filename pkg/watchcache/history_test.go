package watchcache

import (
	"testing"
	"time"
)

// begun is the history of a process that knows all objects since version 1000, with former objects of these versions.
func begun(versions ...uint64) *history[int, int] {
	h := &history[int, int]{slack: 10}
	h.begin(1000)
	for _, v := range versions {
		h.add(formerObject[int, int]{version: v})
	}
	return h
}

// TestFormerObjectsAreBounded in their number and their age. What is dropped leaves no gap: a client that may miss it has to list again.
func TestFormerObjectsAreBounded(t *testing.T) {
	many := make([]uint64, maxFormer+100)
	for i := range many {
		many[i] = 2000 + uint64(i)
	}
	later := 2000 + micros(maxFormerAge)
	for _, tt := range []struct {
		name       string
		versions   []uint64
		kept       int
		since      uint64
		ok         bool
		wantFormer int
	}{
		{"too many", many, maxFormer, 2050, false, 0},
		{"too many, and the client has missed a later one", many, maxFormer, 2000 + maxFormer + 98, true, 11},
		{"too old", []uint64{2000, 2001, later + 1}, 2, 2005, false, 0},
		{"too old, and the client has seen it", []uint64{2000, 2001, later + 1}, 2, 2020, true, 1},
		{"just not too old", []uint64{2000, 2001, later}, 3, 2005, true, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := begun(tt.versions...)
			former, ok := h.since(tt.since)
			if len(h.all) != tt.kept || ok != tt.ok || len(former) != tt.wantFormer {
				t.Errorf("%d are kept; %d since version %d, %t", len(h.all), len(former), tt.since, ok)
			}
		})
	}
}

// TestIssuedVersionsAreBounded has more versions than are kept come in the first moments.
func TestIssuedVersionsAreBounded(t *testing.T) {
	h := &history[int, int]{slack: micros(time.Hour)}
	h.begin(1000)
	for i := range uint64(maxIssued + 10) {
		h.issue(1000 + i)
	}
	if len(h.issued) != maxIssued {
		t.Errorf("%d versions are kept", len(h.issued))
	}
}

// TestLogWithoutChanges has the last batch, which the next bookmark is of, take the version of events that change nothing.
func TestLogWithoutChanges(t *testing.T) {
	b := newBatch[int, int](nil, 3, 1000)
	if last := b.append(nil, 1001); last != b || b.version.Load() != 1001 || b.total != 3 {
		t.Errorf("got version %d of %d changes", b.version.Load(), b.total)
	}
}
