package doctor

import (
	"slices"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// checkNodes checks that every node has usage, and reports for those that have none why.
func checkNodes(f *Facts, s *section) {
	if f.Nodes.Err != nil {
		s.unknown("nodes could not be listed: %s", reasonFor(f.Nodes.Err))
		return
	}
	if f.States != nil {
		f.checkStates(s)
	}
	if f.Usage.Err != nil {
		s.unknown("usage of nodes could not be listed")
		return
	}
	stale := f.staleAge()
	with, unasked := 0, 0
	for _, node := range f.Nodes.Value {
		used, ok := f.Usage.Value[node.Name]
		switch explanation := f.Explanations[node.Name]; {
		case ok && f.Time.Sub(used.Timestamp) > stale:
			with++
			s.find(cause.NodeStale, "node/"+node.Name, "node "+node.Name+": "+f.Time.Sub(used.Timestamp).Round(time.Second).String()+" old")
		case ok:
			with++
		case explanation == "":
			unasked++
		case f.isOwn(versions[0]) && !strings.Contains(explanation, notFound):
			// Plimsoll does not know the Node, because it watches only those that its sources select.
			s.find(cause.NodeNotSelected, "node/"+node.Name, "")
		default:
			s.explain("node/"+node.Name, explanation, node.unready())
		}
	}
	if unasked > 0 {
		s.unknown("%d more nodes have no usage, and the API was not asked for the reason", unasked)
	}
	s.ok("%d of %d nodes have usage", with, len(f.Nodes.Value))
}

// unready is what a person should know of a node whose kubelet does not report that it is well.
func (n Node) unready() string {
	if n.Ready {
		return ""
	}
	return "; the Node is not Ready: the kubelet is down or cannot reach the API server"
}

// checkStates reports what Plimsoll itself knows: also scrapes that fail while usage is still served, and all nodes.
func (f *Facts) checkStates(s *section) {
	if err := f.States.Err; err != nil {
		s.unknown("%s", reasonFor(err))
		return
	}
	nodes := map[string]Node{}
	for _, node := range f.Nodes.Value {
		nodes[node.Name] = node
	}
	for _, state := range f.States.Value {
		node, known := nodes[state.Node]
		if found, ok := cause.ByCode(state.Code); ok && known && state.Cluster == "" {
			s.find(found, "node/"+state.Node, state.Error+node.unready())
		}
	}
	s.ok("%s has %d nodes", debugNodes, len(f.States.Value))
}

// explain reports the causes that a message of Plimsoll's names, with what else is known of the object.
func (s *section) explain(object, message, more string) {
	found := causesIn(message)
	if len(found) == 0 {
		s.find(cause.NodeUnexplained, object, message+more)
	}
	for _, c := range found {
		s.find(c, object, strings.TrimPrefix(beside(c, message)+more, "; "))
	}
}

// beside is what a message says in addition to a cause and its cure: for how long, and about which address or container.
func beside(c cause.Cause, message string) string {
	_, message, _ = strings.Cut(message, notFound)
	before, after, _ := strings.Cut(message, " ("+c.String()+")")
	begin, _, _ := strings.Cut(c.Summary(), "%s")
	before, _, _ = strings.Cut(before, begin)
	return strings.Trim(before+after, ":; ")
}

// notFound ends what the API library puts before the message in a response with the status 404.
const notFound = " not found: "

// minStale is the age below which usage is never reported as stale.
const minStale = 90 * time.Second

// staleAge is from which age on usage is reported: three times the median of all nodes, the lower one of two.
func (f *Facts) staleAge() time.Duration {
	var ages []time.Duration
	for _, used := range f.Usage.Value {
		ages = append(ages, f.Time.Sub(used.Timestamp))
	}
	if len(ages) == 0 {
		return minStale
	}
	slices.Sort(ages)
	return max(minStale, 3*ages[(len(ages)-1)/2])
}
