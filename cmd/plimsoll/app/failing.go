package app

import (
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
	// maxNamed bounds the nodes that the line names for each cause.
	maxNamed = 5
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

// String counts the nodes of each cause, and names some of them: "2 PLM-KUBELET-REFUSED (n1 n2), 1 PLM-KUBELET-TIMEOUT (n3)".
func (f failingNodes) String() string {
	var parts []string
	for _, c := range slices.Sorted(maps.Keys(f)) {
		named := f[c][:min(len(f[c]), maxNamed)]
		parts = append(parts, fmt.Sprintf("%d %s (%s)", len(f[c]), c, strings.Join(named, " ")))
	}
	return strings.Join(parts, ", ")
}
