package decode

import (
	"cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// podList are the pods of a summary, each once: of several instances of one pod the newest.
type podList struct {
	pods []sample.Pod
	at   map[podKey]int
	// instances are those that were kept, by the index of the pod, and containers counts their containers.
	instances  []podInstance
	containers int
}

func newPodList() podList { return podList{at: map[podKey]int{}} }

// few is the largest list whose memory is used again: emptying a map costs as much as there was in it.
const few = 16

// reset makes the list empty.
func (l *podList) reset() {
	if len(l.pods) > few {
		*l = newPodList()
		return
	}
	clear(l.at)
	l.pods, l.instances, l.containers = l.pods[:0], l.instances[:0], 0
}

// podInstance is what distinguishes two instances of a pod.
type podInstance struct {
	start int64
	// newest is the newest instance among the containers, readings how many readings they have.
	newest   sample.Usage
	readings uint32
}

// comparePods orders two pods of one name: the one that started later is greater, or else the one with the newest instance of
// a container.
func comparePods(a, b podInstance) int {
	return cmp.Or(cmp.Compare(a.start, b.start), compareInstances(a.newest, b.newest))
}

// put adds the pod that was read, unless it is an older instance of one that is there.
func (l *podList) put(p *podReader, rejected *sample.Rejections) {
	if reason := p.ref.check(); reason != sample.NotRejected {
		rejected.Add(reason)
		return
	}
	at, known := l.at[podKey{string(p.ref.namespace), string(p.ref.name)}]
	switch {
	case !known && len(l.pods) >= maxPods:
		rejected.Add(sample.TooMany)
		return
	case !known:
		at = l.add(p)
	case comparePods(p.instance, l.instances[at]) <= 0:
		rejected[sample.OlderInstance] += p.instance.readings
		return
	default:
		rejected[sample.OlderInstance] += l.instances[at].readings
	}
	rejected.Merge(p.rejected)
	l.instances[at] = p.instance
	l.fill(at, p, rejected)
}

// add makes a place for a pod.
func (l *podList) add(p *podReader) int {
	at := len(l.pods)
	pod := sample.Pod{Namespace: p.names.of(p.ref.namespace), Name: string(p.ref.name)}
	l.pods, l.instances = append(l.pods, pod), append(l.instances, podInstance{})
	l.at[podKey{pod.Namespace, pod.Name}] = at
	return at
}

// fill gives a pod the containers that were read, in the memory of those that it had.
func (l *podList) fill(at int, p *podReader, rejected *sample.Rejections) {
	pod, read := &l.pods[at], p.containers
	l.containers -= len(pod.Containers)
	if l.containers+len(read) > maxContainers {
		rejected.Add(sample.TooMany)
		read = nil
	}
	l.containers += len(read)
	pod.UID, pod.Start, pod.Details, pod.Extra = string(p.ref.uid), 0, nil, p.extra
	if p.hasDetails {
		details := p.details
		pod.Start, pod.Details = p.instance.start, &details
	}
	if pod.Containers == nil && len(read) > 0 {
		pod.Containers = make([]sample.Container, 0, len(read))
	}
	pod.Containers = append(pod.Containers[:0], read...)
}

// podRef is which pod an element of the summary is of. Its memory is used again for the next.
type podRef struct{ namespace, name, uid []byte }

func (p *podRef) reset() { p.namespace, p.name, p.uid = p.namespace[:0], p.name[:0], p.uid[:0] }

// member reads a member of the object.
func (p *podRef) member(r *jsonReader, name []byte) (err error) {
	switch {
	case is(name, "name"):
		p.name, err = r.text(p.name, maxPodName)
	case is(name, "namespace"):
		p.namespace, err = r.text(p.namespace, maxNamespace)
	case is(name, "uid"):
		p.uid, err = r.text(p.uid, maxUID)
	default:
		return r.SkipValue()
	}
	return err
}

// check is sample.NotRejected where it is a pod's.
func (p *podRef) check() sample.Rejection {
	if len(p.uid) > maxUID {
		return sample.TooLong
	}
	return checkPodName(p.namespace, p.name)
}
