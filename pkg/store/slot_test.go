package store

import (
	"testing"
	"time"
)

// told is what a slot is told in these tests: now.
func told() freshness { return freshness{seen: start.UnixNano(), advanced: start.UnixNano()} }

// holds ends the test unless the slot serves this answer; nil stands for none.
func holds(t *testing.T, s *PodSlot, want *PodUsage) {
	t.Helper()
	got, ok := s.load(maxAge, start.UnixNano())
	if ok != (want != nil) || ok && got != want {
		t.Fatalf("the slot has %v, %t, want %v", got, ok, want)
	}
}

func TestASlotServesTheNewestAnswer(t *testing.T) {
	slot, older, newer := &PodSlot{}, &PodUsage{}, &PodUsage{}
	holds(t, slot, nil)
	slot.withdraw(older)
	holds(t, slot, nil)
	slot.publish(older, told())
	holds(t, slot, older)
	slot.publish(newer, told())
	holds(t, slot, newer)
	slot.withdraw(older)
	holds(t, slot, newer)
	slot.withdraw(nil)
	holds(t, slot, newer)
	slot.withdraw(newer)
	holds(t, slot, nil)
	slot.publish(older, told())
	holds(t, slot, older)
}

func TestASlotServesWhatIsConfirmed(t *testing.T) {
	slot, answer := &PodSlot{}, &PodUsage{}
	slot.publish(answer, told())
	late := start.Add(maxAge + time.Second).UnixNano()
	if _, ok := slot.load(maxAge, late); ok {
		t.Error("an answer is served that nobody confirmed for longer than the maximum age")
	}
	slot.publish(answer, freshness{seen: late, advanced: late})
	if got, ok := slot.load(maxAge, late); !ok || got != answer {
		t.Errorf("a confirmed answer is not served: %v, %t", got, ok)
	}
}
