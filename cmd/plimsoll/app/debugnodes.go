package app

import (
	"bufio"
	"cmp"
	"encoding/json"
	"net/http"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// nodesPath is where the state of every node's collection is served.
const nodesPath = "/debug/nodes"

// nodeState is how it goes with one node. Times and texts are left out where there is none.
type nodeState struct {
	// Cluster is empty for the home cluster.
	Cluster string `json:"cluster,omitempty"`
	Node    string `json:"node"`
	// Source is the source that the node belongs to, without secrets, and Address where its kubelet or engine is reached.
	Source  string `json:"source,omitempty"`
	Address string `json:"address,omitempty"`
	// Served is true where usage of the node itself may be served, and SampleAgeSeconds the age of that.
	Served           bool    `json:"served"`
	SampleAgeSeconds float64 `json:"sampleAgeSeconds,omitempty"`
	// Code is why the newest attempt brought no usage, or what usage of the node itself it did not bring. Message explains it, and Error is the error.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Error   string `json:"error,omitempty"`
	// FailingSince is since when attempts fail for that cause.
	FailingSince *time.Time `json:"failingSince,omitempty"`
	LastSuccess  *time.Time `json:"lastSuccess,omitempty"`
	NextScrape   *time.Time `json:"nextScrape,omitempty"`
	// Rejected counts the readings that were rejected, by the reason.
	Rejected map[string]uint32 `json:"rejectedReadings,omitempty"`
}

// nodeStates serves the state of the nodes of all clusters as a JSON array, in the order of their names. The server authorizes the reader: errors name
// addresses.
type nodeStates []*ClusterStack

// ServeHTTP implements http.Handler. The states are written one by one, so that a response takes no memory.
func (clusters nodeStates) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriter(w)
	defer out.Flush() // The reader is gone where that fails.
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	separator := ""
	_, _ = out.WriteString("[")
	for _, c := range clusters {
		for n := range c.cluster.Nodes().All() {
			_, _ = out.WriteString(separator)
			_ = encoder.Encode(c.nodeState(n))
			separator = ","
		}
	}
	_, _ = out.WriteString("]\n")
}

// nodeState is the state of one node of the cluster.
func (s *ClusterStack) nodeState(n *cluster.Node) nodeState {
	p := s.collector.Status(n.Name)
	state := nodeState{
		Cluster: s.name, Node: n.Name, Source: p.Source, Address: p.Address, Code: p.Cause.String(), Message: p.Message, Error: p.Error,
		FailingSince: timeOrNil(p.FailingSince), LastSuccess: timeOrNil(p.LastSuccess), NextScrape: timeOrNil(p.Next), Rejected: rejectedByReason(p.Rejected),
	}
	if used, ok := s.store.Reader().Node(n.Usage); ok {
		state.Served, state.SampleAgeSeconds = true, time.Since(used.Time).Seconds()
	} else if state.Code == "" {
		missing := cmp.Or(s.store.NodeMissing(n.Name), cause.UsageExpired)
		state.Code, state.Message = missing.String(), cmp.Or(s.store.NodeMessage(n.Name), missing.About(progress.Subject(n.Name)))
	}
	return state
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func rejectedByReason(rejected sample.Rejections) map[string]uint32 {
	counts := map[string]uint32{}
	for reason, n := range rejected {
		if n > 0 {
			counts[sample.Rejection(reason).String()] = n
		}
	}
	return counts
}
