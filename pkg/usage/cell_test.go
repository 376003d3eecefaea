package usage

import (
	"testing"
	"time"
)

const maxAge = time.Minute

var start = time.Unix(1_785_924_000, 0)

// rule is the staleness of these tests.
func rule() Staleness { return Staleness{MaxAge: maxAge, Resolution: 15 * time.Second} }

// freshAt is the freshness of usage that a kubelet confirmed at a moment.
func freshAt(at time.Time) Freshness { return Freshness{Seen: at.UnixNano(), Advanced: at.UnixNano()} }

// publishes ends the test unless the cell publishes this usage; nil stands for none.
func publishes(t *testing.T, c *PodCell, want *Pod) {
	t.Helper()
	if got, _ := c.Load(); got != want {
		t.Fatalf("the cell has %v, want %v", got, want)
	}
}

func TestCellPublishesTheNewestUsage(t *testing.T) {
	cell, older, newer := &PodCell{}, &Pod{}, &Pod{}
	publishes(t, cell, nil)
	cell.Unpublish(older)
	publishes(t, cell, nil)
	cell.Publish(older, freshAt(start))
	publishes(t, cell, older)
	cell.Publish(newer, freshAt(start))
	publishes(t, cell, newer)
	for _, other := range []*Pod{older, nil} {
		if cell.Unpublish(other) {
			t.Error("usage is unpublished that was not published")
		}
		publishes(t, cell, newer)
	}
	if !cell.Unpublish(newer) || cell.Unpublish(newer) {
		t.Error("published usage is unpublished once")
	}
	publishes(t, cell, nil)
	cell.Publish(older, freshAt(start))
	publishes(t, cell, older)
}

func TestConfirmedUsageBecomesFresh(t *testing.T) {
	cell, u := &PodCell{}, &Pod{}
	cell.Publish(u, freshAt(start))
	later := freshAt(start.Add(time.Hour))
	if cell.Confirm(&Pod{}, later) {
		t.Error("usage is confirmed that is not published")
	}
	if _, f := cell.Load(); f != freshAt(start) {
		t.Errorf("fresh at %v", f)
	}
	if got, f := cell.Load(); !cell.Confirm(u, later) || got != u || f != freshAt(start) {
		t.Errorf("the cell has %v, fresh at %v", got, f)
	}
	if got, f := cell.Load(); got != u || f != later {
		t.Errorf("the cell has %v, fresh at %v", got, f)
	}
}
