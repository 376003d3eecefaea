package kubelet

// Worker runs requests to several kubelets in turn. It is called by the goroutine that called Get.
type Worker interface {
	// Yield runs other requests and returns when the kubelet has probably responded.
	Yield()
	// Blocked reports that the request waits for something other than the CPU from now on (true), or that the wait has ended (false).
	// The two alternate.
	Blocked(blocked bool)
}

// blocking keeps a worker informed. Whatever in this package may wait for the network, for files, for a plugin or for memory runs during it. Its
// zero value has no worker.
type blocking struct {
	worker  Worker
	blocked bool
}

// during runs do, which may wait, while the request counts as blocked.
func (b *blocking) during(do func() error) error {
	b.set(true)
	defer b.set(false)
	return do()
}

func (b *blocking) set(blocked bool) {
	if b.worker != nil && b.blocked != blocked {
		b.worker.Blocked(blocked)
	}
	b.blocked = blocked
}
