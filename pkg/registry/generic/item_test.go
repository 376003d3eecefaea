package generic_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTextsAreMadeOnce reads a list and one of its items again and again, in both versions. A text is made anew where the object or
// its numbers are others, and nowhere else; what is read is as if nothing had been kept.
func TestTextsAreMadeOnce(t *testing.T) {
	steps := []struct {
		name   string
		change func(*port)
		made   int
	}{
		{"for the first reader", func(*port) {}, 3},
		{"for the next reader", func(*port) {}, 0},
		{"after other numbers", func(p *port) { p.load("a", "coal") }, 1},
		{"after numbers that are alike", func(p *port) { p.load("b", "grain") }, 1},
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
				p.made = 0
				for _, name := range []string{"", "b", "a", ""} {
					for _, version := range []string{"v1", "v1beta1"} {
						want := p.unknown().read(t, f, name, version)
						if diff := cmp.Diff(want, p.read(t, f, name, version)); diff != "" {
							t.Errorf("%q in %s (-want +got):\n%s", name, version, diff)
						}
					}
				}
				if p.made != step.made {
					t.Errorf("%d texts were made, want %d", p.made, step.made)
				}
			})
		}
	}
}

// TestTheFormatsKeepTextsOfTheirOwn reads in turns.
func TestTheFormatsKeepTextsOfTheirOwn(t *testing.T) {
	p := newPort("a", "b")
	for range 3 {
		for _, f := range formats() {
			p.read(t, f, "", "v1")
		}
	}
	if p.made != 4 {
		t.Errorf("%d texts were made of two ships in two formats", p.made)
	}
}

// TestTextsWithoutAPlace are made for every reader.
func TestTextsWithoutAPlace(t *testing.T) {
	for _, f := range formats() {
		t.Run(f.name, func(t *testing.T) {
			p := newPort("a")
			clear(p.cells)
			if first, second := p.read(t, f, "a", "v1"), p.read(t, f, "a", "v1"); first != second || p.made != 2 {
				t.Errorf("%d texts were made for two readers: %q and %q", p.made, first, second)
			}
		})
	}
}
