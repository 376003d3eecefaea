package observe

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// Series are Plimsoll's own metrics: values by name and labels, as the text format has them.
type Series map[string]float64

// OwnMetrics requests a server's own metrics.
func OwnMetrics(ctx context.Context, server *cluster.Server) (Series, error) {
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		return nil, err
	}
	text, err := cluster.Fetch(ctx, config, "/metrics")
	if err != nil {
		return nil, err
	}
	all := parseSeries(text)
	if len(all) == 0 {
		return nil, errors.New("plimsoll has no metrics of its own")
	}
	return all, nil
}

// parseSeries reads a text whose series have no timestamps.
func parseSeries(text string) Series {
	all := Series{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		at := strings.LastIndexByte(line, ' ')
		if at < 0 || line[0] == '#' {
			continue
		}
		if v, err := strconv.ParseFloat(line[at+1:], 64); err == nil {
			all[line[:at]] = v
		}
	}
	return all
}

// OwnSeries observes a server's own metrics, of which some exist only while a fault goes on.
func OwnSeries(server *cluster.Server) Observer {
	return Observer{Name: "plimsoll's own metrics", Every: 2 * time.Second, Observe: func(ctx context.Context, o *Observation) error {
		now, err := OwnMetrics(ctx, server)
		if err == nil {
			o.NoteSeries(now)
		}
		return err
	}}
}

// Rise is by how much the series that match a pattern have grown since before, in sum. A series that was not there before was 0.
func (s Series) Rise(before Series, pattern *regexp.Regexp) (sum float64) {
	for name, value := range s {
		if value > before[name] && pattern.MatchString(name) {
			sum += value - before[name]
		}
	}
	return sum
}

// Risen are the series that match a pattern and have grown since before, each with its growth, sorted.
func (s Series) Risen(before Series, pattern *regexp.Regexp) (names []string) {
	for name, value := range s {
		if value > before[name] && pattern.MatchString(name) {
			names = append(names, fmt.Sprintf("%s by %g", name, value-before[name]))
		}
	}
	slices.Sort(names)
	return names
}

// Counted are the series by which an operator recognizes what kubelets and clients do.
var Counted = regexp.MustCompile(`^(plimsoll_(nodes|scrapes|readings|requests|refused|kubelet_|full_parses|unexpected|pods_with)|apiserver_(rejected|flowcontrol_rejected)|authorization_attempts)`)
