package faults

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// series are Plimsoll's own metrics: values by name and labels, as the text format has them.
type series map[string]float64

func ownMetrics(t *testing.T) (all series) {
	t.Helper()
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) (err error) {
		all, err = scrapeOwn(ctx)
		return err
	})
	return all
}

func scrapeOwn(ctx context.Context) (series, error) {
	config, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		return nil, err
	}
	text, err := cluster.Fetch(ctx, config, "/metrics")
	if err != nil {
		return nil, err
	}
	all := series{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
		if v, err := strconv.ParseFloat(value, 64); err == nil && !strings.HasPrefix(line, "#") {
			all[name+"}"] = v
		}
	}
	if len(all) == 0 {
		return nil, errors.New("plimsoll has no metrics of its own")
	}
	return all, nil
}

// ownSeries observes Plimsoll's own metrics, of which some exist only while an attack goes on.
func ownSeries() observer {
	return observer{name: "plimsoll's own metrics", every: 2 * time.Second, observe: func(ctx context.Context, o *observation) error {
		now, err := scrapeOwn(ctx)
		if err != nil {
			return err
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		for name, value := range now {
			o.series[name] = max(o.series[name], value)
		}
		return nil
	}}
}

// requireRise wants one of the series that match to have been larger than before.
func requireRise(t *testing.T, before, after series, pattern string) {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	for name, value := range after {
		if expression.MatchString(name) && value > before[name] {
			return
		}
	}
	t.Errorf("no series that matches %s has risen", pattern)
}

// risen are Plimsoll's own series about kubelets and clients that have grown.
func risen(before, after series) (names []string) {
	for name, value := range after {
		if value > before[name] && rising.MatchString(name) {
			names = append(names, fmt.Sprintf("%s by %g", name, value-before[name]))
		}
	}
	slices.Sort(names)
	return names
}

var rising = regexp.MustCompile(`^(plimsoll_(nodes|scrapes|readings|requests|refused|kubelet_connections)|apiserver_(rejected|flowcontrol_rejected)|authorization_attempts)`)
