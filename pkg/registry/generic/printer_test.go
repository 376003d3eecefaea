package generic_test

import (
	"errors"
	"fmt"
	"testing"
)

// narrow takes some writes and then no more.
type narrow struct{ limit, writes int }

var errFull = errors.New("the connection is closed")

func (n *narrow) Write(text []byte) (int, error) {
	if n.writes++; n.writes > n.limit {
		return 0, errFull
	}
	return len(text), nil
}

// TestErrorEndsTheWriting has the writer fail at each of its calls. It is not called again, and its error is returned.
func TestErrorEndsTheWriting(t *testing.T) {
	p := newPort("a", "b", "c")
	for _, f := range formats() {
		for name, object := range map[string]written{"an item": p.object(t, "a"), "a list": p.object(t, ""), "an empty list": newPort().object(t, "")} {
			all := &narrow{limit: 1000}
			if err := f.write(object, all, version("v1")); err != nil || all.writes < 2 {
				t.Fatalf("%s of %s took %d writes and gave %v", f.name, name, all.writes, err)
			}
			for limit := range all.writes {
				t.Run(fmt.Sprintf("%s of %s at write %d", f.name, name, limit), func(t *testing.T) {
					w := &narrow{limit: limit}
					if err := f.write(object, w, version("v1")); !errors.Is(err, errFull) {
						t.Errorf("got %v, want the writer's error", err)
					}
					if w.writes != limit+1 {
						t.Errorf("%d writes, want %d", w.writes, limit+1)
					}
				})
			}
		}
	}
}

// TestFirstWriteIsShort holds what the API server's library takes for a sign of a list that comes in pieces: at most four bytes.
func TestFirstWriteIsShort(t *testing.T) {
	for _, f := range formats() {
		t.Run(f.name, func(t *testing.T) {
			var first firstWrite
			if err := f.write(newPort("a").object(t, ""), &first, version("v1")); err != nil {
				t.Fatal(err)
			}
			if len(first) == 0 || len(first) > 4 {
				t.Errorf("the first write is %q", first)
			}
		})
	}
}

// firstWrite keeps the first of all writes.
type firstWrite []byte

func (f *firstWrite) Write(text []byte) (int, error) {
	if *f == nil {
		*f = append(*f, text...)
	}
	return len(text), nil
}
