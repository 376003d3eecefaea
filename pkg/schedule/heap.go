package schedule

// entryHeap is a heap of entries by the time at which they are due. It implements heap.Interface, and keeps the index of each entry.
type entryHeap []*entry

// Len implements heap.Interface.
func (h entryHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h entryHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }

// Swap implements heap.Interface.
func (h entryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *entryHeap) Push(e any) {
	e.(*entry).index = len(*h)
	*h = append(*h, e.(*entry))
}

// Pop implements heap.Interface.
func (h *entryHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	e.index = notQueued
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
