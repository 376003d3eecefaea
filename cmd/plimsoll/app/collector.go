package app

import (
	"context"

	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/scrape"
)

// Collector brings the usage of one cluster's nodes and pods into its store. It is safe for concurrent use.
//
// scrape.Manager is the first implementation: it asks each kubelet. Another one can ask an engine that has scraped the kubelets already.
type Collector interface {
	// Start collects until ctx is done, and returns when all that it started has ended. An error before then makes the process not ready.
	Start(ctx context.Context) error
	// Cause is one sentence, without a full stop, on why the newest attempt to collect the node's usage failed; empty where it succeeded.
	Cause(node string) string
	// Progress counts the nodes as they are now.
	Progress() progress.Counts
}

var _ Collector = &scrape.Manager{}
