package generic_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEncodingIsKept reads a list and one of its items repeatedly, in both versions. An item is encoded again where the object or
// its usage was replaced, and nowhere else; what is read is as if nothing had been kept.
func TestEncodingIsKept(t *testing.T) {
	steps := []struct {
		name    string
		change  func(*port)
		encoded int
	}{
		{"for the first reader", func(*port) {}, 3},
		{"for the next reader", func(*port) {}, 0},
		{"after other usage", func(p *port) { p.load("a", "coal") }, 1},
		{"after usage that is alike", func(p *port) { p.load("b", "grain") }, 1},
		{"after a change of an object", func(p *port) { p.change("b", "v") }, 1},
		{"after a change of all", func(p *port) {
			for _, name := range []string{"a", "b", "c"} {
				p.change(name, "w")
				p.load(name, "oil")
			}
		}, 3},
		{"after nothing", func(*port) {}, 0},
	}
	for _, f := range formats() {
		p := newPort("a", "b", "c")
		for _, step := range steps {
			t.Run(f.name+" "+step.name, func(t *testing.T) {
				step.change(p)
				p.encoded = 0
				for _, name := range []string{"", "b", "a", ""} {
					for _, version := range []string{"v1", "v1beta1"} {
						want := p.unknown().read(t, f, name, version)
						if diff := cmp.Diff(want, p.read(t, f, name, version)); diff != "" {
							t.Errorf("%q in %s (-want +got):\n%s", name, version, diff)
						}
					}
				}
				if p.encoded != step.encoded {
					t.Errorf("%d items were encoded, want %d", p.encoded, step.encoded)
				}
			})
		}
	}
}

// TestEachFormatHasItsEncoding reads both formats alternately.
func TestEachFormatHasItsEncoding(t *testing.T) {
	p := newPort("a", "b")
	for range 3 {
		for _, f := range formats() {
			p.read(t, f, "", "v1")
		}
	}
	if p.encoded != 4 {
		t.Errorf("%d encodings were made of two ships in two formats", p.encoded)
	}
}
