package scenario

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// secondLook is how long after a first look a loop looks again by itself.
const secondLook = "+1.5s"

// scrape has the node looked at once, and is answered.
func (w *world) scrape(node string, how, body []string) error {
	path := w.endpoint.path
	o := parseOptions(how)
	if o.has("at") {
		path = o["at"]
	}
	a, err := w.answer(w.endpoint, node, how, body)
	if err != nil {
		return err
	}
	w.server.kubelets.set(node, path, a)
	if err := w.server.targets.scrape(node, o.has("first")); err != nil {
		return err
	}
	if err := w.asked(node, target.SummaryPath); err != nil {
		return err
	}
	return w.asked(node, path)
}

// again waits for the look that a loop makes by itself after a first one, and answers it.
func (w *world) again(node string, how, body []string) error {
	a, err := w.answer(w.endpoint, node, how, body)
	if err != nil {
		return err
	}
	w.server.kubelets.set(node, w.endpoint.path, a)
	if err := w.clock(secondLook); err != nil {
		return err
	}
	if err := w.asked(node, w.endpoint.path); err != nil {
		return err
	}
	return w.asked(node, target.SummaryPath)
}

// rates is what the node's kubelet will answer when the loop asks for its own rates.
func (w *world) rates(node string, how, body []string) error {
	a, err := w.answer(summaryEndpoint, node, how, body)
	w.server.kubelets.set(node, target.SummaryPath, a)
	return err
}

// further is what the node's kubelet will answer beside the endpoint at the next look: its summary, in place of an answer without
// containers, or all that it has, with its disks.
func (w *world) further(what, node string, how, body []string) error {
	a, err := w.answer(summaryEndpoint, node, how, body)
	w.server.kubelets.set(node, target.SummaryPath, a)
	w.server.targets.further[node] = further{summary: what == "summary", disks: what == "disks"}
	return err
}

// asked makes sure that no answer is left over.
func (w *world) asked(node, path string) error {
	settle()
	if w.server.kubelets.has(node, path) {
		return fmt.Errorf("the kubelet of %s was not asked for %s", node, path)
	}
	return nil
}

func (w *world) answer(e endpoint, node string, how, body []string) (answer, error) {
	o := parseOptions(how)
	status, err := o.number("status", http.StatusOK)
	if err != nil {
		return answer{}, err
	}
	a := answer{silent: o.has("fails"), status: status}
	malformed, err := o.number("malformed", 0)
	if err != nil {
		return answer{}, err
	}
	a.body = func() (string, error) {
		text, err := strings.Join(body, "\n")+"\n", error(nil)
		if !o.has("body") {
			text, err = w.render(e, node, body)
		}
		if o.has("cut") {
			text = text[:len(text)-1]
		}
		text = strings.Repeat("container_cpu_usage_seconds_total{\n", malformed) + text
		return text, err
	}
	return a, nil
}

// render turns the lines of a scrape into the answer of a kubelet.
func (w *world) render(e endpoint, node string, lines []string) (string, error) {
	all := make([]subject, len(lines))
	for i, line := range lines {
		var err error
		if all[i], err = parseSubject(line, time.Now()); err != nil {
			return "", err
		}
		if all[i].uid == "" {
			all[i].uid = w.kubeletUIDs[all[i].namespace+"/"+all[i].pod]
		}
	}
	return e.render(node, all)
}
