package scenario

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// followUp is how long after the initial scrape of a node the scraper scrapes it again by itself.
const followUp = "+1.5s"

// scrape has the node scraped once, and answers.
func (s *simulation) scrape(node string, how, body []string) error {
	path := s.endpoint.path
	o := parseOptions(how)
	if o.has("at") {
		path = o["at"]
	}
	a, err := s.answer(s.endpoint, node, how, body)
	if err != nil {
		return err
	}
	s.server.kubelets.set(node, path, a)
	if err := s.server.targets.scrape(node, o.has("first")); err != nil {
		return err
	}
	if err := s.asked(node, target.SummaryPath); err != nil {
		return err
	}
	return s.asked(node, path)
}

// again waits for the follow-up of an initial scrape, and answers.
func (s *simulation) again(node string, how, body []string) error {
	a, err := s.answer(s.endpoint, node, how, body)
	if err != nil {
		return err
	}
	s.server.kubelets.set(node, s.endpoint.path, a)
	if err := s.clock(followUp); err != nil {
		return err
	}
	if err := s.asked(node, s.endpoint.path); err != nil {
		return err
	}
	return s.asked(node, target.SummaryPath)
}

// rates is what the node's kubelet will answer when the scraper requests its own rates.
func (s *simulation) rates(node string, how, body []string) error {
	a, err := s.answer(summaryEndpoint, node, how, body)
	s.server.kubelets.set(node, target.SummaryPath, a)
	return err
}

// further is what the node's kubelet will answer beside the endpoint at the next scrape: its summary, in place of a response without
// containers or for the pressure, or all that it has, with its disks.
func (s *simulation) further(what, node string, how, body []string) error {
	a, err := s.answer(summaryEndpoint, node, how, body)
	s.server.kubelets.set(node, target.SummaryPath, a)
	s.server.targets.further[node] = further{summary: what == "summary", pressure: what == "pressure", disks: what == "disks"}
	return err
}

// asked makes sure that no response is left over.
func (s *simulation) asked(node, path string) error {
	settle()
	if s.server.kubelets.has(node, path) {
		return fmt.Errorf("the kubelet of %s was not requested %s", node, path)
	}
	return nil
}

func (s *simulation) answer(e endpoint, node string, how, body []string) (answer, error) {
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
			text, err = s.render(e, node, body)
		}
		if o.has("cut") {
			text = text[:len(text)-1]
		}
		text = strings.Repeat("container_cpu_usage_seconds_total{\n", malformed) + text
		return text, err
	}
	return a, nil
}

// render turns the lines of a scrape into the response of a kubelet.
func (s *simulation) render(e endpoint, node string, lines []string) (string, error) {
	all := make([]subject, len(lines))
	for i, line := range lines {
		var err error
		if all[i], err = parseSubject(line, time.Now()); err != nil {
			return "", err
		}
		if all[i].uid == "" {
			all[i].uid = s.kubeletUIDs[all[i].namespace+"/"+all[i].pod]
		}
	}
	return e.render(node, all)
}
