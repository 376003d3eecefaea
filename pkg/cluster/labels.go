package cluster

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"unique"

	"k8s.io/apimachinery/pkg/labels"
)

// Labels are those of an object. Objects that have the same share them; nobody changes them. The zero value has none.
type Labels struct {
	// text is each key and its value, in the order of the keys, all of them ended by a zero byte, which no label may hold.
	text string
}

var _ labels.Labels = Labels{}

// NewLabels returns the labels of a map, of which it keeps nothing.
func NewLabels(m map[string]string) Labels {
	if len(m) == 0 {
		return Labels{}
	}
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m)) {
		text.WriteString(key)
		text.WriteByte(0)
		text.WriteString(m[key])
		text.WriteByte(0)
	}
	return Labels{unique.Make(text.String()).Value()}
}

// All are the keys and their values, in the order of the keys.
func (l Labels) All() iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		for rest := l.text; rest != ""; {
			var key, value string
			key, rest, _ = strings.Cut(rest, "\x00")
			value, rest, _ = strings.Cut(rest, "\x00")
			if !yield(key, value) {
				return
			}
		}
	}
}

// Map returns a new map of the labels; nil where there are none.
func (l Labels) Map() map[string]string {
	if l.text == "" {
		return nil
	}
	return maps.Collect(l.All())
}

// Lookup returns the value of a key, and whether there is one.
func (l Labels) Lookup(key string) (value string, exists bool) {
	for k, v := range l.All() {
		if k == key {
			return v, true
		}
	}
	return "", false
}

// Has tells whether there is such a key.
func (l Labels) Has(key string) bool { _, ok := l.Lookup(key); return ok }

// Get returns the value of a key; empty where there is none.
func (l Labels) Get(key string) string { value, _ := l.Lookup(key); return value }
