package store

// silenceSoon has nothing of the node served any more: at once, or when the goroutine that holds the lock lets go of it. It never waits.
func (n *node) silenceSoon() {
	n.silencing.Store(true)
	n.settle()
}

// unlock lets go of the lock for writing, and withdraws what was published if that was asked for meanwhile.
func (n *node) unlock() {
	n.withdrawIfAsked()
	n.mu.Unlock()
	n.settle()
}

// runlock is unlock for readers.
func (n *node) runlock() {
	n.mu.RUnlock()
	n.settle()
}

// settle does what was asked for while the lock was held. Where it is held again, its holder does.
func (n *node) settle() {
	for n.silencing.Load() && n.mu.TryLock() {
		n.withdrawIfAsked()
		n.mu.Unlock()
	}
}

// withdrawIfAsked is for holders of the lock. A node that is gone publishes nothing any more.
func (n *node) withdrawIfAsked() {
	if n.silencing.Swap(false) || n.gone.Load() {
		n.silence(goneIf(n.gone.Load()))
	}
}
