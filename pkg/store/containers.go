package store

// container is what is kept of one container of a pod.
type container struct {
	name string
	usageState
	// reportedAt is when the kubelet last reported the container.
	reportedAt int64
}

// containers are those of one pod, found by name in constant time. The zero value has none.
type containers struct {
	all []container
	// at is where each name is in all; nil for few.
	at map[string]int
}

// find returns the container of a name; nil where there is none. It is good until the next call of get or keep.
func (c *containers) find(name string) *container {
	if c.at != nil {
		if i, ok := c.at[name]; ok {
			return &c.all[i]
		}
		return nil
	}
	for i := range c.all {
		if c.all[i].name == name {
			return &c.all[i]
		}
	}
	return nil
}

// get returns the container of a name, and adds it where there is none.
func (c *containers) get(name string) *container {
	if found := c.find(name); found != nil {
		return found
	}
	c.all = append(c.all, container{name: name})
	if c.at != nil {
		c.at[name] = len(c.all) - 1
	} else if len(c.all) > fewNames {
		c.index()
	}
	return &c.all[len(c.all)-1]
}

// keep drops the containers for which wanted is false.
func (c *containers) keep(wanted func(*container) bool) {
	kept := c.all[:0]
	for i := range c.all {
		if wanted(&c.all[i]) {
			kept = append(kept, c.all[i])
		}
	}
	if len(kept) == len(c.all) {
		return
	}
	clear(c.all[len(kept):])
	c.all, c.at = kept, nil
	if len(kept) > fewNames {
		c.index()
	}
}

func (c *containers) index() {
	c.at = make(map[string]int, len(c.all))
	for i := range c.all {
		c.at[c.all[i].name] = i
	}
}
