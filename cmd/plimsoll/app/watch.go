package app

// watch judges whether the process is busy.
type watch struct {
	busy bool
	// past is the effort at the end of each window since the process became what it is, the newest last. No more are kept than are
	// needed.
	past []effort
	// each is what a collection took of late, in seconds of CPU.
	each float64
}

// see takes in the effort at the end of a window, and is true where the process is no longer what it was.
func (w *watch) see(now effort) (changed bool) {
	if w.past = append(w.past, now); len(w.past) > calmWindows+1 {
		w.past = w.past[1:]
	}
	if since := w.past[0]; now.collections > since.collections {
		w.each = (now.seconds - since.seconds) / float64(now.collections-since.collections)
	}
	changed = w.busy && w.calms() || !w.busy && w.hurries()
	w.busy = w.busy != changed
	return changed
}

func (w *watch) calms() bool {
	return len(w.past) > calmWindows && w.gain(0, len(w.past)-1) < paysLess
}

func (w *watch) hurries() bool {
	last := len(w.past) - 1
	for i := range busyWindows {
		if at := last - i; at < 1 || w.gain(at-1, at) < pays {
			return false
		}
	}
	return true
}

// gain is how many cores a growth by busyPercent would have spared for each byte that it takes more than one by calmPercent, from the
// end of one window until that of another.
func (w *watch) gain(from, to int) float64 {
	then, now := w.past[from], w.past[to]
	if now.live == 0 {
		return 0 // Nothing was collected yet.
	}
	live, seconds := float64(now.live), float64(to-from)*collectorWindow.Seconds()
	grown := float64(now.allocated-then.allocated) / live / seconds // By how many times what is live, each second.
	spared := grown * (100./calmPercent - 100./busyPercent) * w.each
	return spared / (live * (busyPercent - calmPercent) / 100)
}
