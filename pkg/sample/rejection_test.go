package sample

import (
	"testing"
)

func TestRejectionTexts(t *testing.T) {
	seen := map[string]bool{}
	for r := range rejectionCount {
		name := r.String()
		if name == "" || name == "unknown" || seen[name] {
			t.Errorf("rejection %d is called %q", r, name)
		}
		seen[name] = true
	}
	if got := rejectionCount.String(); got != "unknown" {
		t.Errorf("a rejection that does not exist is called %q", got)
	}
}

func TestRejections(t *testing.T) {
	var a, b Rejections
	a.Add(Future)
	a.Add(NotRejected)
	b.Add(Future)
	b.Add(Foreign)
	a.Merge(b)
	if want := (Rejections{Future: 2, Foreign: 1}); a != want || a.Total() != 3 {
		t.Errorf("got %v with %d in total, want %v", a, a.Total(), want)
	}
}
