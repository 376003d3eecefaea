package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAMemoKnowsWhatItIsOf(t *testing.T) {
	type thing struct{ int }
	a, b, text := &thing{1}, &thing{1}, []byte("text")
	var memo Memo
	for _, tt := range []struct {
		name    string
		of, and any
		want    bool
	}{
		{"these two", a, b, true},
		{"another first, alike", b, b, false},
		{"another second, alike", a, a, false},
		{"none", nil, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			memo = Memo{}
			if got, ok := memo.Get(tt.of, tt.and); ok {
				t.Fatalf("an empty memo has %q", got)
			}
			memo.Put(a, b, text)
			got, ok := memo.Get(tt.of, tt.and)
			if ok != tt.want || ok && &got[0] != &text[0] || !ok && got != nil {
				t.Errorf("got %q, %t", got, ok)
			}
		})
	}
}

func TestAMemoHoldsTheLast(t *testing.T) {
	a, b := new(int), new(int)
	var memo Memo
	memo.Put(a, a, []byte("first"))
	memo.Put(b, b, []byte("second"))
	if got, ok := memo.Get(a, a); ok {
		t.Errorf("the first is still there: %q", got)
	}
	if got, _ := memo.Get(b, b); string(got) != "second" {
		t.Errorf("got %q", got)
	}
}

// TestMemosGoWithTheirAnswer has nothing be kept of an answer that is served no longer, in either format.
func TestMemosGoWithTheirAnswer(t *testing.T) {
	older, newer, text := &PodUsage{}, &PodUsage{}, []byte("text")
	tests := []struct {
		name string
		then func(*PodSlot)
		kept bool
	}{
		{"another is published", func(s *PodSlot) { s.publish(newer, told()) }, false},
		{"it is withdrawn", func(s *PodSlot) { s.withdraw(older) }, false},
		{"it is confirmed", func(s *PodSlot) { s.publish(older, told()) }, true},
		{"another is withdrawn", func(s *PodSlot) { s.withdraw(newer) }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			slot := &PodSlot{}
			slot.publish(older, told())
			slot.JSON.Put(t, older, text)
			slot.Protobuf.Put(t, older, text)
			tt.then(slot)
			kept := []bool{slot.JSON.made.Load() != nil, slot.Protobuf.made.Load() != nil}
			if diff := cmp.Diff([]bool{tt.kept, tt.kept}, kept); diff != "" {
				t.Errorf("kept in JSON and in protobuf (-want +got):\n%s", diff)
			}
		})
	}
}
