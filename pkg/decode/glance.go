package decode

import (
	"bytes"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// glance guesses which containers a body names, by its first metric of containers as kubelets write it. Whether they are all, and come in
// that order in the rest too, only reading tells. A body of which nothing can be guessed gives a layout that reads none.
func glance(body []byte, names map[string]string, filter Filter, wanted sample.ResourceSet) layout {
	// A kubelet of today has four lines for each container. What is no kubelet's answer may be all line ends.
	containers := bytes.Count(body, []byte("\n")) / 4
	a := newAssembly(containers/2, containers, names, filter)
	var metric []byte
	for line := range bytes.Lines(body) {
		name := nameOf(line)
		switch {
		case metric == nil && metricNamed(name, wanted).scope != ofContainer:
			continue
		case metric == nil:
			metric = name
		case !bytes.Equal(name, metric):
			return layoutOf(a)
		}
		if !a.glance(line[len(name):]) {
			return layout{}
		}
	}
	return layoutOf(a)
}

// glance takes in the container that a series is of. It is false for labels that are not written as kubelets do.
func (a *assembly) glance(series []byte) bool {
	of, rest, ok := usualLabels(series)
	if !ok || len(rest) == 0 || rest[0] != ' ' || !isContainer(string(of.container)) {
		return false
	}
	_, reason := a.place(of)
	return reason == sample.Accepted
}

// place is the index of the container that labels name.
func (a *assembly) place(of labelled) (index int, reason sample.Reason) {
	if len(of.namespace) > maxNamespace || len(of.pod) > maxPodName || len(of.container) > maxContainerName {
		return 0, sample.TooLong
	}
	at, _, reason := a.pod(string(of.namespace), string(of.pod))
	if reason == sample.Accepted {
		at, _, reason = a.container(at, string(of.container))
	}
	return at, reason
}

// labelled are the labels of a series of a container. They are a part of the body.
type labelled struct{ container, namespace, pod []byte }

// usualLabels reads labels that are written as kubelets do, and returns what follows them. It is false for all others.
func usualLabels(text []byte) (of labelled, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(text, []byte(`{container="`))
	var hasNamespace, hasPod, ends bool
	of.container, rest, hasNamespace = bytes.Cut(rest, []byte(`",namespace="`))
	of.namespace, rest, hasPod = bytes.Cut(rest, []byte(`",pod="`))
	of.pod, rest, ends = bytes.Cut(rest, []byte(`"}`))
	ok = ok && hasNamespace && hasPod && ends && isUsual(of.container) && isUsual(of.namespace) && isUsual(of.pod)
	return of, rest, ok
}

// isUsual is true for the names that Kubernetes allows, and more, but for none that a parser would read in another way than as it is.
func isUsual(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return len(name) > 0
}
