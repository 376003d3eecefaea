package kubelet

// Worker runs requests to several kubelets in turn. It is called by the goroutine that called Get.
type Worker interface {
	// Yield runs other requests and returns when the kubelet has probably responded.
	Yield()
	// Blocked reports that the request waits for something other than the CPU from now on (true), or that the wait has ended (false).
	// The two alternate.
	Blocked(blocked bool)
}

// blocking keeps a worker informed. Everything in this package that may wait for the network, for files, for a plugin or for memory runs within
// during(true, ...), or calls set around the wait. Its zero value has no worker.
type blocking struct {
	worker  Worker
	blocked bool
}

// during runs do while the request counts as blocked, or as not blocked. It may be nested: afterwards the state is that of before.
func (b *blocking) during(blocked bool, do func() error) error {
	before := b.blocked
	b.set(blocked)
	defer b.set(before)
	return do()
}

func (b *blocking) set(blocked bool) {
	if b.worker != nil && b.blocked != blocked {
		b.worker.Blocked(blocked)
	}
	b.blocked = blocked
}
