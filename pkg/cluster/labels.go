package cluster

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"unique"

	"k8s.io/apimachinery/pkg/labels"
)

// Labels are those of an object. Objects that have the same share them, and they are never changed. The zero value has none.
type Labels struct {
	// encoded is each key, ended by a keyEnd, and its value, ended by a valueEnd, in the order of the keys. No label may hold either byte.
	encoded string
}

var _ labels.Labels = Labels{}

const (
	keyEnd, valueEnd = "\x00", "\x01"
	// leftOutEncoding stands for labels that were left out.
	leftOutEncoding = "\x02"
)

// MaxLabelBytes bounds what is kept of the labels of one object, keys and values together. Kubernetes bounds a label to 380 bytes and
// not how many there are. Objects have a few hundred bytes.
const MaxLabelBytes = 16 << 10

// NewLabels returns the labels of a map, of which it keeps nothing. Labels of more than [MaxLabelBytes] are left out, all of them.
func NewLabels(m map[string]string) Labels { return newNodeLabels(m).Bounded() }

// newNodeLabels returns the labels of a map without a limit: those of a node decide how it is scraped, and nodes are few.
func newNodeLabels(m map[string]string) Labels {
	if len(m) == 0 {
		return Labels{}
	}
	size := 0
	for key, value := range m {
		size += len(key) + len(keyEnd) + len(value) + len(valueEnd)
	}
	var text strings.Builder
	text.Grow(size)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		text.WriteString(key)
		text.WriteString(keyEnd)
		text.WriteString(m[key])
		text.WriteString(valueEnd)
	}
	return Labels{unique.Make(text.String()).Value()}
}

// LeftOut is true where the object has more labels than are kept. Then none is, and no label selector can tell whether it selects the
// object.
func (l Labels) LeftOut() bool { return l.encoded == leftOutEncoding }

// Bounded returns the labels, or none where they have more than [MaxLabelBytes].
func (l Labels) Bounded() Labels {
	if len(l.encoded)-l.Len()*(len(keyEnd)+len(valueEnd)) > MaxLabelBytes {
		return Labels{leftOutEncoding}
	}
	return l
}

// Len is how many labels there are.
func (l Labels) Len() int { return strings.Count(l.encoded, valueEnd) }

// All are the keys and their values, in the order of the keys.
func (l Labels) All() iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		if l.LeftOut() {
			return
		}
		for tail := l.encoded; tail != ""; {
			var key, value string
			key, value, tail = cutLabel(tail)
			if !yield(key, value) {
				return
			}
		}
	}
}

// cutLabel returns the first label of an encoding that is not empty, and what follows it.
func cutLabel(text string) (key, value, tail string) {
	key, tail, _ = strings.Cut(text, keyEnd)
	value, tail, _ = strings.Cut(tail, valueEnd)
	return key, value, tail
}

// Lookup returns the value of a key, and whether there is one. It costs the logarithm of how many labels there are.
func (l Labels) Lookup(key string) (value string, exists bool) {
	text := l.encoded
	for len(text) > scannedBytes {
		middle := strings.LastIndexByte(text[:len(text)/2], valueEnd[0]) + 1
		at, value, tail := cutLabel(text[middle:])
		switch c := strings.Compare(key, at); {
		case c == 0:
			return value, true
		case c < 0:
			text = text[:middle]
		default:
			text = tail
		}
	}
	return scan(text, key)
}

// scannedBytes is up to which length an encoding is read from its beginning to its end. Most objects have no more labels.
const scannedBytes = 256

// scan is Lookup in an encoding that is short.
func scan(text, key string) (value string, exists bool) {
	for len(text) > len(key) {
		if text[len(key)] == keyEnd[0] && text[:len(key)] == key {
			_, value, _ := cutLabel(text)
			return value, true
		}
		end := strings.IndexByte(text, valueEnd[0])
		if end < 0 {
			break
		}
		text = text[end+1:]
	}
	return "", false
}

// Has is true where there is such a key.
func (l Labels) Has(key string) bool { _, ok := l.Lookup(key); return ok }

// Get returns the value of a key; empty where there is none.
func (l Labels) Get(key string) string { value, _ := l.Lookup(key); return value }
