package decode

import (
	"bytes"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// inferLayout infers the layout of a body from its first metric of containers, if a kubelet wrote that. Whether the other metrics have
// the same containers in the same order shows when the fast path reads the body. The zero layout means that nothing could be inferred.
func inferLayout(body []byte, n names, filter Filter, wanted sample.ResourceSet) layout {
	// A kubelet has four lines for each container. A body that no kubelet wrote may consist of line ends.
	b := newLayoutBuilder(bytes.Count(body, []byte("\n"))/4, n, filter)
	var metric []byte
	for line := range bytes.Lines(body) {
		name := nameOf(line)
		switch {
		case metricNamed(name, wanted).scope != containerScope:
			continue
		case metric == nil:
			metric = name
		case !bytes.Equal(name, metric):
			return b.finished()
		}
		if !b.addSeries(line[len(name):]) {
			return layout{}
		}
	}
	return b.finished()
}

// addSeries adds the container that a series is of. It is false for labels that are not written as kubelets write them.
func (b *layoutBuilder) addSeries(series []byte) bool {
	of, ok := cutKubeletLabels(series)
	if !ok || !isContainer(of.container) {
		return false
	}
	_, rejection := b.container(of)
	return rejection == sample.NotRejected
}

// cutKubeletLabels parses labels that are written as kubelets write them, whatever follows them. It is false for all other labels.
func cutKubeletLabels(text []byte) (of containerLabels, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(`{container="`))
	of.container, rest, _ = bytes.Cut(rest, []byte(`",namespace="`))
	of.namespace, rest, _ = bytes.Cut(rest, []byte(`",pod="`))
	of.pod, _, _ = bytes.Cut(rest, []byte(`"}`))
	// Where a separator is missing, the text before it has a quote.
	return of, ok && isKubeletText(of.container) && isKubeletText(of.namespace) && isKubeletText(of.pod)
}

// isKubeletText is true for every name that Kubernetes allows, and false for every text that a parser would change.
func isKubeletText(name []byte) bool {
	for _, c := range name {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
