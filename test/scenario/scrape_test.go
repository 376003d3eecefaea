package scenario

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// followUpDelay is how long after the initial scrape of a node the scraper scrapes it again by itself.
const followUpDelay = "+1.5s"

// scrape has the node scraped once, and sets the response.
func (s *simulation) scrape(node string, how, body []string) error {
	path := s.endpoint.path
	o := parseOptions(how)
	if o.has("at") {
		path = o["at"]
	}
	a, err := s.response(s.endpoint, node, how, body)
	if err != nil {
		return err
	}
	s.server.kubelets.set(node, path, a)
	if err := s.server.targets.scrape(node, o.has("first")); err != nil {
		return err
	}
	if err := s.requireUsed(node, target.SummaryPath); err != nil {
		return err
	}
	return s.requireUsed(node, path)
}

// followUp waits for the follow-up of an initial scrape, and sets the response.
func (s *simulation) followUp(node string, how, body []string) error {
	a, err := s.response(s.endpoint, node, how, body)
	if err != nil {
		return err
	}
	s.server.kubelets.set(node, s.endpoint.path, a)
	if err := s.clock(followUpDelay); err != nil {
		return err
	}
	if err := s.requireUsed(node, s.endpoint.path); err != nil {
		return err
	}
	return s.requireUsed(node, target.SummaryPath)
}

// rates sets the kubelet's response to a request for its own rates.
func (s *simulation) rates(node string, how, body []string) error {
	a, err := s.response(summaryEndpoint, node, how, body)
	s.server.kubelets.set(node, target.SummaryPath, a)
	return err
}

// further sets the response to a request that follows the next scrape: to the summary, in place of a response without containers or for
// the pressure, or to the full summary, for the disks.
func (s *simulation) further(what, node string, how, body []string) error {
	a, err := s.response(summaryEndpoint, node, how, body)
	s.server.kubelets.set(node, target.SummaryPath, a)
	s.server.targets.further[node] = further{summary: what == "summary", pressure: what == "pressure", disks: what == "disks"}
	return err
}

// requireUsed fails where a response was not requested.
func (s *simulation) requireUsed(node, path string) error {
	settle()
	if s.server.kubelets.has(node, path) {
		return fmt.Errorf("the kubelet of %s received no request for %s", node, path)
	}
	return nil
}

func (s *simulation) response(e endpoint, node string, how, body []string) (response, error) {
	o := parseOptions(how)
	status, err := o.number("status", http.StatusOK)
	if err != nil {
		return response{}, err
	}
	a := response{refused: o.has("fails"), status: status}
	malformed, err := o.number("malformed", 0)
	if err != nil {
		return response{}, err
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

// render builds the response of a kubelet from the lines of a scrape.
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
