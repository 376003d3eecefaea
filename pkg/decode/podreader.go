package decode

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// podReader reads the elements of the summary's pods one after the other, into memory that it reuses.
type podReader struct {
	ref        podRef
	instance   podInstance
	containers containerList
	// rejected counts the readings of the containers that were rejected.
	rejected sample.Rejections

	container containerReader
	// names are those that many pods share, taken how many containers were read in all.
	names names
	taken int
	// foundExtra is true once a container had an extra resource.
	foundExtra bool
}

// containerReader is the container that is read at the moment.
type containerReader struct {
	name []byte
	usageStats
}

func (p *podReader) reset() {
	p.ref.reset()
	p.containers.reset()
	p.instance, p.rejected = podInstance{}, sample.Rejections{}
}

// member reads a member of the object that describes a pod.
func (p *podReader) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "podRef"):
		return r.object(p.ref.member)
	case is(name, "startTime"):
		var started moment
		err := r.scalar(&started)
		p.instance.start = started.nanos
		return err
	case is(name, "containers"):
		p.containers.reset()
		p.instance, p.rejected = podInstance{start: p.instance.start}, sample.Rejections{}
		return r.list(p.element)
	}
	return r.SkipValue()
}

// element reads a container.
func (p *podReader) element(r *jsonReader) error {
	p.container.name, p.container.usageStats = p.container.name[:0], usageStats{}
	if err := r.object(p.container.member); err != nil {
		return err
	}
	p.put(r.selection)
	return nil
}

func (c *containerReader) member(r *jsonReader, name []byte) (err error) {
	switch {
	case is(name, "name"):
		c.name, err = r.text(c.name, maxContainerName)
		return err
	case is(name, "rootfs") && r.selects(sample.EphemeralStorage):
		return readInto(r, &c.Rootfs, (*fsStats).member)
	case is(name, "logs") && r.selects(sample.EphemeralStorage):
		return readInto(r, &c.Logs, (*fsStats).member)
	}
	return c.usageStats.member(r, name)
}

// put takes in the container that was read; of those with one name, the newest instance.
func (p *podReader) put(of selection) {
	name := p.container.name
	if len(name) > maxContainerName {
		p.rejected.Add(sample.TooLong)
		return
	}
	if !isContainer(string(name)) {
		return
	}
	at := p.containers.find(name)
	if at < 0 && (len(p.containers.list) >= maxPerPod || p.taken >= 2*maxContainers) {
		p.rejected.Add(sample.TooMany)
		return
	}
	instance := p.container.usage(of, &p.rejected)
	p.instance.readings += countReadings(instance)
	p.foundExtra = p.foundExtra || len(instance.Extra) > 0
	if compareInstances(instance, p.instance.newest) > 0 {
		p.instance.newest = instance
	}
	if at < 0 {
		p.taken++
		p.containers.add(sample.Container{Name: p.names.of(name), Usage: instance})
		return
	}
	held := &p.containers.list[at].Usage
	if compareInstances(instance, *held) > 0 {
		instance, *held = *held, instance
	}
	p.rejected[sample.OlderInstance] += countReadings(instance) // the one that was not kept
}

// removeUnexpected drops the containers that the filter does not expect, and counts them.
func (p *podReader) removeUnexpected(f Filter) int {
	named := len(p.containers.list)
	if named == 0 || f == nil {
		return 0
	}
	namespace, pod := string(p.ref.namespace), string(p.ref.name)
	p.containers.list = slices.DeleteFunc(p.containers.list, func(c sample.Container) bool { return !f.Expects(namespace, pod, c.Name) })
	return named - len(p.containers.list)
}

// containerList are the containers of one pod, each once.
type containerList struct {
	list []sample.Container
	// at is where each is, once they are more than a few.
	at map[string]int
}

// few are as many as are found as fast without a map.
const few = 16

func (c *containerList) reset() {
	c.list = c.list[:0]
	clear(c.at)
}

func (c *containerList) add(one sample.Container) {
	c.list = append(c.list, one)
	switch at := len(c.list) - 1; {
	case at < few:
	case at == few:
		if c.at == nil {
			c.at = map[string]int{}
		}
		for i := range c.list {
			c.at[c.list[i].Name] = i
		}
	default:
		c.at[one.Name] = at
	}
}

// find is the index of a container; -1 where there is none of that name.
func (c *containerList) find(name []byte) int {
	if len(c.list) > few {
		if at, ok := c.at[string(name)]; ok {
			return at
		}
		return -1
	}
	return slices.IndexFunc(c.list, func(held sample.Container) bool { return held.Name == string(name) })
}
