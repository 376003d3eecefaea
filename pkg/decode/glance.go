package decode

import "bytes"

// glance guesses which containers a body names, by its first metric of containers as kubelets write it. Whether they are all, and come in
// that order in the rest too, only reading tells. A body of which nothing can be guessed gives a layout that reads none.
func glance(body []byte, names map[string]string) layout {
	// A kubelet of today has four lines for each container. What is no kubelet's answer may be all line ends.
	containers := min(bytes.Count(body, []byte("\n"))/4, maxSlots)
	a := newAssembly(containers/2, containers, names)
	var metric []byte
	for line := range bytes.Lines(body) {
		name := nameOf(line)
		switch {
		case metric == nil && metricNamed(name).scope != ofContainer:
			continue
		case metric == nil:
			metric = name
		case !bytes.Equal(name, metric):
			return layoutOf(a)
		}
		if !a.glance(line[len(name):]) || len(a.containers) > maxSlots {
			return layout{}
		}
	}
	return layoutOf(a)
}

// glance takes in the container that a series is of. It is false for labels that are not written as kubelets do.
func (a *assembly) glance(series []byte) bool {
	rest, ok := bytes.CutPrefix(series, []byte(`{container="`))
	container, rest, hasNamespace := bytes.Cut(rest, []byte(`",namespace="`))
	namespace, rest, hasPod := bytes.Cut(rest, []byte(`",pod="`))
	pod, _, ends := bytes.Cut(rest, []byte(`"} `))
	if !ok || !hasNamespace || !hasPod || !ends || !isUsual(container) || !isUsual(namespace) || !isUsual(pod) || !isContainer(string(container)) {
		return false
	}
	at, _ := a.pod(string(namespace), string(pod))
	a.container(at, string(container))
	return true
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
