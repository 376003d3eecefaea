package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

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

// check is sample.Accepted where it is a pod's.
func (p *podRef) check() sample.Rejection {
	if len(p.uid) > maxUID {
		return sample.TooLong
	}
	return checkPodName(p.namespace, p.name)
}
