package fleet

import (
	"encoding/json"
	"strconv"
	"time"
)

// indented writes JSON with one space of indent, as kubelets do, by appending: no reflection and no allocation.
type indented struct {
	b     []byte
	depth int
	// first is true right after a bracket was opened.
	first bool
}

// next begins a member of the open object, or an element of the open list for an empty key.
func (w *indented) next(key string) {
	if !w.first {
		w.b = append(w.b, ',')
	}
	w.first = false
	w.line()
	if key != "" {
		w.b = append(w.b, '"')
		w.b = append(w.b, key...)
		w.b = append(w.b, `": `...)
	}
}

func (w *indented) line() {
	w.b = append(w.b, '\n')
	for range w.depth {
		w.b = append(w.b, ' ')
	}
}

// open begins an object or a list.
func (w *indented) open(key string, bracket byte) {
	w.next(key)
	w.begin(bracket)
}

func (w *indented) begin(bracket byte) {
	w.b = append(w.b, bracket)
	w.depth++
	w.first = true
}

func (w *indented) close(bracket byte) {
	w.depth--
	if !w.first {
		w.line()
	}
	w.first = false
	w.b = append(w.b, bracket)
}

// raw writes a value that is JSON already.
func (w *indented) raw(key, value string) {
	w.next(key)
	w.b = append(w.b, value...)
}

func (w *indented) number(key string, value uint64) {
	w.next(key)
	w.b = strconv.AppendUint(w.b, value, 10)
}

// time writes a time, given in Unix nanoseconds, in whole seconds: RFC 3339, UTC.
func (w *indented) time(key string, at int64) {
	w.next(key)
	w.b = append(w.b, '"')
	w.b = time.Unix(0, at).UTC().AppendFormat(w.b, time.RFC3339)
	w.b = append(w.b, '"')
}

func quoteJSON(value string) string {
	quoted, err := json.Marshal(value)
	if err != nil {
		return `""` // Not reached: every string can be marshalled.
	}
	return string(quoted)
}
