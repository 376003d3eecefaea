package fleet

// SetUsage changes what a container uses from now on: the rate in cores, and the memory in bytes. A later update of the pod, from its annotations
// for example, changes it again.
func (f *Fleet) SetUsage(namespace, pod, container string, cores float64, memory uint64) error {
	rate, err := nanocores(cores)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	at, c, err := f.find(namespace, pod, container)
	if err != nil {
		return err
	}
	at.node.mu.Lock()
	defer at.node.mu.Unlock()
	c.own.rate, c.own.memory = rate, memory
	at.node.apply(at.pod, f.now())
	return nil
}

// apply brings the usage of a pod up to date, and that of the node, which has the pod's in it. The caller holds n.mu.
func (n *node) apply(p *pod, now int64) {
	before := p.usage.now()
	p.apply(now)
	n.used.set(now, n.used.now().minus(before).plus(p.usage.now()))
}
