package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

const (
	// failingInterval is how often the nodes that fail are logged together. The collectors log each node once when it begins to fail, and causes that
	// alternate seldom, so this line has what is true now.
	failingInterval = time.Minute
	// maxCauses bounds the causes in the line, and maxNamed the nodes that it names for each of them.
	maxCauses, maxNamed = 8, 5
)

// logFailing logs the nodes that fail once in failingInterval, while any does.
func (s *ClusterStack) logFailing(ctx context.Context) error {
	ticker := time.NewTicker(failingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
		if nodes, failing := s.failing(); len(failing) > 0 {
			klog.FromContext(ctx).Info("Nodes fail", "nodes", nodes, "failing", failing.String())
		}
	}
}

// failingNodes are the names of nodes that fail, by the cause.
type failingNodes map[cause.Cause][]string

// failing returns the number of nodes, and those that fail.
func (s *ClusterStack) failing() (nodes int, failing failingNodes) {
	failing = failingNodes{}
	for n := range s.cluster.Nodes().All() {
		nodes++
		if c := s.collector.Status(n.Name).Cause; c.Label() != "" {
			failing[c] = append(failing[c], n.Name)
		}
	}
	return nodes, failing
}

// String counts the nodes of each cause, the most frequent first, and names some of them: "2 PLM-KUBELET-REFUSED (n1 n2), 1 PLM-KUBELET-TIMEOUT (n3)".
func (f failingNodes) String() string {
	causes := slices.SortedFunc(maps.Keys(f), func(a, b cause.Cause) int { return cmp.Or(cmp.Compare(len(f[b]), len(f[a])), cmp.Compare(a, b)) })
	var parts []string
	for _, c := range causes[:min(len(causes), maxCauses)] {
		named := f[c][:min(len(f[c]), maxNamed)]
		parts = append(parts, fmt.Sprintf("%d %s (%s)", len(f[c]), c, strings.Join(named, " ")))
	}
	if more := len(causes) - maxCauses; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more causes", more))
	}
	return strings.Join(parts, ", ")
}
