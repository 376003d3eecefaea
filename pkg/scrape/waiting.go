package scrape

// waiting are the loops that wait, a heap by when they are due.
type waiting []*loop

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return w[i].place.at.Before(w[j].place.at) }
func (w waiting) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place.index, w[j].place.index = i, j
}

// Push implements heap.Interface.
func (w *waiting) Push(l any) {
	l.(*loop).place.index = len(*w)
	*w = append(*w, l.(*loop))
}

// Pop implements heap.Interface.
func (w *waiting) Pop() any {
	last := len(*w) - 1
	l := (*w)[last]
	l.place.index = -1
	(*w)[last] = nil
	*w = (*w)[:last]
	return l
}
