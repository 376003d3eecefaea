package fleet

import "strconv"

// ManyContainers returns the healthy text, or a summary, in which one pod of the node has n containers more than it has.
// Each has a counter of CPU time and a name of its own. PathHealth is served as always.
func ManyContainers(n int) Fault {
	return Fault{name: strconv.Itoa(n) + " containers", serve: func(x *exchange) {
		if x.path == PathHealth {
			x.respond()
			return
		}
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		if x.path == PathSummary {
			p.manyInSummary(x.node, n, x.fleet.now())
			x.send(contentTypeJSON, p.body)
			return
		}
		p.history, p.isTrue = x.fleet.history, true // The containers that exist have true values.
		p.manyInText(x.node, n, x.fleet.now())
		p.text(x.node, x.fleet.now(), selection{swap: x.fleet.options.Swap})
		x.send(contentTypeText, p.body)
	}}
}

// victim is the pod that the containers are ascribed to: the first of the node.
func (n *node) victim() *pod {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if len(n.pods) == 0 {
		return newPod(Pod{Namespace: "default", Name: "none"}, n.boot)
	}
	return n.pods[0]
}

func (p *page) manyInText(n *node, count int, now int64) {
	labels := n.victim().labels[len("{"):]
	for i := range count {
		p.body = append(p.body, `container_cpu_usage_seconds_total{container="c`...)
		p.body = strconv.AppendInt(p.body, int64(i), 10)
		p.body = append(p.body, `",`...)
		p.body = append(p.body, labels...)
		p.body = append(p.body, "1 "...)
		p.body = strconv.AppendInt(p.body, now/1e6, 10)
		p.body = append(p.body, '\n')
	}
}

func (p *page) manyInSummary(n *node, count int, now int64) {
	pod := n.victim()
	s := summary{page: p, now: now, indented: indented{b: p.body}}
	s.begin('{')
	s.open("node", '{')
	s.raw("nodeName", n.quoted)
	s.close('}')
	s.open("pods", '[')
	s.open("", '{')
	s.open("podRef", '{')
	s.raw("name", pod.quotedName)
	s.raw("namespace", pod.quotedNamespace)
	s.raw("uid", pod.quotedID)
	s.close('}')
	s.open("containers", '[')
	for i := range count {
		s.open("", '{')
		s.raw("name", `"c`+strconv.Itoa(i)+`"`)
		s.open("cpu", '{')
		s.time("time", now)
		s.number("usageCoreNanoSeconds", 1)
		s.close('}')
		s.close('}')
	}
	for range 2 {
		s.close(']')
		s.close('}')
	}
	p.body = s.b
}
