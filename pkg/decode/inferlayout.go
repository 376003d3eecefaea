package decode

import (
	"bytes"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// inferLayout infers the layout of a body from its first metric of containers, if a kubelet wrote that. Whether the other metrics have
// the same containers in the same order shows when the fast path reads the body. The zero layout means that nothing could be inferred.
func inferLayout(body []byte, names map[string]string, filter Filter, wanted sample.ResourceSet) layout {
	// A kubelet has four lines for each container. A body that no kubelet wrote may consist of line ends.
	containers := bytes.Count(body, []byte("\n")) / 4
	a := newBuilder(containers/2, containers, names, filter)
	var metric []byte
	for line := range bytes.Lines(body) {
		name := nameOf(line)
		switch {
		case metric == nil && metricNamed(name, wanted).scope != containerScope:
			continue
		case metric == nil:
			metric = name
		case !bytes.Equal(name, metric):
			return layoutOf(a)
		}
		if !a.addSeries(line[len(name):]) {
			return layout{}
		}
	}
	return layoutOf(a)
}

// addSeries adds the container that a series is of. It is false for labels that are not written as kubelets write them.
func (a *sampleBuilder) addSeries(series []byte) bool {
	of, rest, ok := cutKubeletLabels(series)
	if !ok || len(rest) == 0 || rest[0] != ' ' || !isContainer(string(of.container)) {
		return false
	}
	_, reason := a.containerOf(of)
	return reason == sample.Accepted
}

// containerOf returns the index of the container that labels name, which it adds where it is new.
func (a *sampleBuilder) containerOf(of containerLabels) (index int, reason sample.Rejection) {
	if len(of.namespace) > maxNamespace || len(of.pod) > maxPodName || len(of.container) > maxContainerName {
		return 0, sample.TooLong
	}
	at, _, reason := a.pod(string(of.namespace), string(of.pod))
	if reason == sample.Accepted {
		at, _, reason = a.container(at, string(of.container))
	}
	return at, reason
}

// containerLabels are the labels of a series of a container. They are a part of the body.
type containerLabels struct{ container, namespace, pod []byte }

// cutKubeletLabels parses labels that are written as kubelets write them, and returns the text after them. It is false for all other labels.
func cutKubeletLabels(text []byte) (of containerLabels, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(text, []byte(`{container="`))
	var hasNamespace, hasPod, ends bool
	of.container, rest, hasNamespace = bytes.Cut(rest, []byte(`",namespace="`))
	of.namespace, rest, hasPod = bytes.Cut(rest, []byte(`",pod="`))
	of.pod, rest, ends = bytes.Cut(rest, []byte(`"}`))
	ok = ok && hasNamespace && hasPod && ends && isKubeletText(of.container) && isKubeletText(of.namespace) && isKubeletText(of.pod)
	return of, rest, ok
}

// isKubeletText is true for every name that Kubernetes allows, and false for every text that a parser would change.
func isKubeletText(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return len(name) > 0
}
