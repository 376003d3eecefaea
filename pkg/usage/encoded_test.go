package usage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncodingIsReturnedForItsObjectAndUsageAlone(t *testing.T) {
	type thing struct{ int }
	a, b, text := &thing{1}, &thing{1}, []byte("text")
	for _, tt := range []struct {
		name          string
		object, usage any
		want          bool
	}{
		{"these two", a, b, true},
		{"another object, alike", b, b, false},
		{"another usage, alike", a, a, false},
		{"none", nil, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var encoded Encoded
			if got, ok := encoded.Get(tt.object, tt.usage); ok {
				t.Fatalf("the zero value has %q", got)
			}
			encoded.Put(a, b, text)
			got, ok := encoded.Get(tt.object, tt.usage)
			if ok != tt.want || ok && &got[0] != &text[0] || !ok && got != nil {
				t.Errorf("got %q, %t", got, ok)
			}
		})
	}
}

func TestLastEncodingIsKept(t *testing.T) {
	a, b := new(int), new(int)
	var encoded Encoded
	encoded.Put(a, a, []byte("first"))
	encoded.Put(b, b, []byte("second"))
	if got, ok := encoded.Get(a, a); ok {
		t.Errorf("the first is still there: %q", got)
	}
	if got, _ := encoded.Get(b, b); string(got) != "second" {
		t.Errorf("got %q", got)
	}
}

// TestEncodingsAreDiscardedWithTheirUsage has nothing be kept of usage that is no longer served, in either format.
func TestEncodingsAreDiscardedWithTheirUsage(t *testing.T) {
	older, newer, text := &Pod{}, &Pod{}, []byte("text")
	tests := []struct {
		name string
		then func(*PodCell)
		kept bool
	}{
		{"other usage is published", func(c *PodCell) { c.Publish(newer, freshAt(start)) }, false},
		{"the usage is unpublished", func(c *PodCell) { c.Unpublish(older) }, false},
		{"the usage is confirmed", func(c *PodCell) { c.Confirm(older, freshAt(start)) }, true},
		{"other usage is unpublished", func(c *PodCell) { c.Unpublish(newer) }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cell := &PodCell{}
			cell.Publish(older, freshAt(start))
			cell.JSON.Put(t, older, text)
			cell.Protobuf.Put(t, older, text)
			tt.then(cell)
			kept := []bool{cell.JSON.last.Load() != nil, cell.Protobuf.last.Load() != nil}
			if diff := cmp.Diff([]bool{tt.kept, tt.kept}, kept); diff != "" {
				t.Errorf("kept in JSON and in protobuf (-want +got):\n%s", diff)
			}
		})
	}
}
