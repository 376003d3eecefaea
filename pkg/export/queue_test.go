package export

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bounded is a queue of ten bytes, and what it drops.
func bounded() (q *queue, dropped *[]string) {
	dropped = new([]string)
	return newQueue(10, func(p Payload, reason string) { *dropped = append(*dropped, reason+" "+string(p.Body)) }), dropped
}

// rest takes all that waits.
func rest(q *queue) (all []string) {
	for p, _ := q.next(); p != nil; p, _ = q.next() {
		all = append(all, string(p.Body))
		q.end(p)
	}
	return all
}

func TestQueueDropsTheOldest(t *testing.T) {
	for _, tc := range []struct {
		name    string
		use     func(q *queue)
		dropped []string
		rest    []string
	}{
		{"all fit", func(q *queue) { q.push(payload("aaaaa")); q.push(payload("bbbbb")) }, nil, []string{"aaaaa", "bbbbb"}},
		{"one is too many", func(q *queue) {
			for _, text := range []string{"aaa", "bbb", "cccc", "d"} {
				q.push(payload(text))
			}
		}, []string{"queue_full aaa"}, []string{"bbb", "cccc", "d"}},
		{"one takes the place of all", func(q *queue) { q.push(payload("aaa")); q.push(payload("bbb")); q.push(payload("cccccccccc")) },
			[]string{"queue_full aaa", "queue_full bbb"}, []string{"cccccccccc"}},
		{"one is larger than the queue", func(q *queue) { q.push(payload("aaa")); q.push(payload("bbbbbbbbbbb")) }, []string{"too_large bbbbbbbbbbb"}, []string{"aaa"}},
		{"the oldest is being sent", func(q *queue) {
			q.push(payload("aaaa"))
			q.next()
			q.push(payload("bbbb"))
			q.push(payload("cccc"))
		}, []string{"queue_full bbbb"}, []string{"cccc"}},
		{"the oldest was given back", func(q *queue) {
			q.push(payload("aaaa"))
			p, _ := q.next()
			q.push(payload("bbbb"))
			q.giveBack(p)
			q.push(payload("cc"))
		}, nil, []string{"aaaa", "bbbb", "cc"}},
		{"the one given back is the oldest", func(q *queue) {
			q.push(payload("aaaa"))
			p, _ := q.next()
			q.push(payload("bbbb"))
			q.giveBack(p)
			q.push(payload("ccc"))
		}, []string{"queue_full aaaa"}, []string{"bbbb", "ccc"}},
		{"two were given back in the other order", func(q *queue) {
			for _, text := range []string{"a", "b", "c"} {
				q.push(payload(text))
			}
			a, _ := q.next()
			b, _ := q.next()
			q.giveBack(b)
			q.giveBack(a)
		}, nil, []string{"a", "b", "c"}},
		{"the process ends", func(q *queue) { q.push(payload("aaa")); q.push(payload("bbb")); q.clear(shutdown) }, []string{"shutdown aaa", "shutdown bbb"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q, dropped := bounded()
			tc.use(q)
			if bytes, _ := q.size(); bytes > 10 {
				t.Errorf("%d bytes wait", bytes)
			}
			if diff := cmp.Diff(tc.dropped, slices.Clone(*dropped)); diff != "" {
				t.Errorf("dropped (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.rest, rest(q)); diff != "" {
				t.Errorf("the rest (-want +got):\n%s", diff)
			}
		})
	}
}

// TestQueueOfNothing ends with no bytes and no time.
func TestQueueOfNothing(t *testing.T) {
	q, _ := bounded()
	q.push(payload(strings.Repeat("a", 10)))
	if bytes, oldest := q.size(); bytes != 10 || oldest.IsZero() {
		t.Errorf("%d bytes since %v, want 10", bytes, oldest)
	}
	rest(q)
	if bytes, oldest := q.size(); bytes != 0 || !oldest.IsZero() {
		t.Errorf("%d bytes since %v, want none", bytes, oldest)
	}
}
