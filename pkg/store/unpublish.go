package store

// unpublishSoon has nothing of the node be served any more: at once, or when the goroutine that holds the lock releases it. It never waits.
func (n *node) unpublishSoon() {
	n.unpublishing.Store(true)
	n.unpublishIfUnlocked()
}

// unlock releases the lock, and unpublishes what was published if that was requested meanwhile.
func (n *node) unlock() {
	n.unpublishIfRequested()
	n.mu.Unlock()
	n.unpublishIfUnlocked()
}

// unpublishIfUnlocked does what was requested while the lock was held. Where it is held again, its holder does.
func (n *node) unpublishIfUnlocked() {
	for n.unpublishing.Load() && n.mu.TryLock() {
		n.unpublishIfRequested()
		n.mu.Unlock()
	}
}

// unpublishIfRequested is for holders of the lock. A node that is gone publishes nothing any more.
func (n *node) unpublishIfRequested() {
	if n.unpublishing.Swap(false) || n.gone.Load() {
		n.markUnavailable(deletedIf(n.gone.Load()))
	}
}
