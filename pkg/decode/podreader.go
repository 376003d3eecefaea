package decode

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// podReader reads the elements of the summary's pods one after the other, into memory that it reuses.
type podReader struct {
	ref        podRef
	instance   podInstance
	containers []sample.Container
	// containerAt are the indexes of the containers, each of which is there once.
	containerAt map[string]int
	// rejected counts the readings of the containers that were rejected.
	rejected sample.Rejections

	// own are the pod's own statistics. Of these, extra are the extra resources that were read, and details the details, if hasDetails.
	own        statistics
	extra      sample.ExtraReadings
	details    sample.Details
	hasDetails bool

	container containerReader
	// names are those that many pods share, added how many containers were added in all pods.
	names names
	added int
	// foundExtra is true once a container or a pod had an extra resource, or there were details.
	foundExtra bool
}

// containerReader is the container that is read at the moment.
type containerReader struct {
	name []byte
	statistics
}

func newPodReader() podReader {
	return podReader{containerAt: map[string]int{}, own: newStatistics(podFields), container: containerReader{statistics: newStatistics(containerFields)}, names: names{}}
}

func (p *podReader) reset() {
	p.ref.reset()
	p.own.reset()
	p.instance = podInstance{}
	p.resetContainers()
}

func (p *podReader) resetContainers() {
	p.containers = p.containers[:0]
	clear(p.containerAt)
	p.instance, p.rejected = podInstance{start: p.instance.start}, sample.Rejections{}
}

// member reads a member of the object that describes a pod.
func (p *podReader) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "podRef"):
		return r.object(p.ref.member)
	case is(name, "startTime"):
		var started value
		err := r.value(&started, parseTime)
		p.instance.start = int64(started.number)
		return err
	case is(name, "containers"):
		p.resetContainers() // Of two lists the last is meant.
		return r.list(p.element)
	case r.selection.details || r.selection.extra&p.own.fields.resources != 0:
		return p.own.member(r, name)
	}
	return r.SkipValue()
}

// readOwn keeps what the pod itself was reported to use.
func (p *podReader) readOwn(of selection) {
	p.extra, p.hasDetails = nil, false
	for r := range (of.extra & p.own.fields.resources).All() {
		p.extra = p.extra.Set(r, p.own.extra(r, &p.rejected))
	}
	p.foundExtra = p.foundExtra || len(p.extra) > 0
	if of.details {
		p.details, p.hasDetails = p.own.details(&p.rejected)
		p.foundExtra = p.foundExtra || p.hasDetails
	}
}

// addDetails gives a container the details that were read of it. Memory is used for those alone that are kept.
func (p *podReader) addDetails(of selection, to *sample.Container) {
	if !of.details {
		return
	}
	to.Details = nil
	if details, ok := p.container.details(&p.rejected); ok {
		kept := details // Only what is kept is on the heap.
		to.Details, p.foundExtra = &kept, true
	}
}

// element reads a container.
func (p *podReader) element(r *jsonReader) error {
	p.container.name = p.container.name[:0]
	p.container.reset()
	if err := r.object(p.container.member); err != nil {
		return err
	}
	p.put(r.selection)
	return nil
}

func (c *containerReader) member(r *jsonReader, name []byte) (err error) {
	if is(name, "name") {
		c.name, err = r.text(c.name, maxContainerName)
		return err
	}
	return c.statistics.member(r, name)
}

// put adds the container that was read; of those with one name, the newest instance.
func (p *podReader) put(of selection) {
	name := p.container.name
	if len(name) > maxContainerName {
		p.rejected.Add(sample.TooLong)
		return
	}
	if !isContainer(name) {
		return
	}
	at, known := p.containerAt[string(name)]
	if !known && (len(p.containers) >= maxPerPod || p.added >= 2*maxContainers) {
		p.rejected.Add(sample.TooMany)
		return
	}
	instance := p.container.usage(of, &p.rejected)
	p.instance.readings += countReadings(instance)
	p.foundExtra = p.foundExtra || len(instance.Extra) > 0
	if compareInstances(instance, p.instance.newest) > 0 {
		p.instance.newest = instance
	}
	if !known {
		p.added++
		one := sample.Container{Name: p.names.of(name), Usage: instance}
		p.containerAt[one.Name] = len(p.containers)
		p.addDetails(of, &one)
		p.containers = append(p.containers, one)
		return
	}
	kept := &p.containers[at].Usage
	if compareInstances(instance, *kept) > 0 {
		instance, *kept = *kept, instance
		p.addDetails(of, &p.containers[at])
	}
	p.rejected[sample.OlderInstance] += countReadings(instance) // the one that was not kept
}

// removeUnexpected drops the containers that the filter does not expect, and counts them.
func (p *podReader) removeUnexpected(f Filter) int {
	named := len(p.containers)
	if named == 0 || f == nil {
		return 0
	}
	namespace, pod := string(p.ref.namespace), string(p.ref.name)
	p.containers = slices.DeleteFunc(p.containers, func(c sample.Container) bool { return !f.Expects(namespace, pod, c.Name) })
	return named - len(p.containers)
}
