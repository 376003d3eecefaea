package engine

import (
	"context"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// put puts what a response has of a node, or keeps why it has nothing. It returns whose series were read; Auto for none.
func (s *shard) put(ctx context.Context, name string, a *assembler, err error) (Endpoint, error) {
	c := s.collector
	c.mu.Lock()
	n := s.nodes[name]
	if n == nil {
		c.mu.Unlock()
		return Auto, nil // It was removed during the poll.
	}
	id, before := n.id, n.status
	c.mu.Unlock()

	var response nodeResponse
	if err == nil {
		response, err = s.choose(name, a.nodes[name], before.replica)
	}
	isNew := false
	if err == nil {
		response.addStarts(before.starts)
		isNew, err = s.isNew(&response, before, time.Now())
	}
	var result store.PutResult
	switch {
	case err != nil:
		c.config.Store.Fail(name)
	case isNew:
		result = s.putResponse(id, &response, !before.succeeded)
	}
	c.config.Metrics.read(causeOf(err))
	c.config.Reject(result.Rejected)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.polled(n)
	n.see(&response, isNew, time.Now())
	switch {
	case err != nil:
		n.fail(err, time.Now())
		return Auto, err
	case !isNew:
		return response.endpoint, nil
	}
	n.succeed(result, &response, time.Now())
	klog.FromContext(ctx).V(4).Info("Read from the engine", "node", name, "endpoint", response.endpoint, "stamped", response.stamped,
		"pods", result.Pods, "complete", result.Complete, "rejected", result.Rejected.Total())
	return response.endpoint, nil
}

// isNew is true where the response has a newer sample of the node than the polls before. Samples that were there before confirm nothing, whatever the
// window is: it is an error where no new one has come for two intervals. Of a node that was not polled before, samples are not new that may have
// been the last ones.
func (s *shard) isNew(a *nodeResponse, before status, now time.Time) (bool, error) {
	source := &s.collector.config.Sources[s.source]
	switch patience := 2 * max(a.found().interval, source.Resolution); {
	case before.newest == 0:
		return now.UnixMilli()-a.newest <= source.Selection.Window.Milliseconds()/2, nil
	case a.newest > before.newest:
		return true, nil
	case before.cause != cause.None, now.Sub(before.advanced) > patience:
		return false, errNoNewSample
	}
	return false, nil
}

// choose returns the copy of a node's series to read.
func (s *shard) choose(name string, series *nodeSeries, replica string) (nodeResponse, error) {
	chosen, err := series.choose(replica, s.collector.config.Sources[s.source].Selection.Window.Milliseconds())
	if err != nil {
		return nodeResponse{}, err
	}
	response, err := newNodeResponse(chosen, series.up[chosen.copyLabels])
	if err == nil && len(chosen.containers) == 0 && s.collector.config.Running(name) {
		err = errNoContainers
	}
	return response, err
}

// putResponse puts the newest readings, and before them an earlier one where the poll before brought nothing, so that one poll gives rates.
func (s *shard) putResponse(id store.Identity, a *nodeResponse, isNew bool) store.PutResult {
	earlier, newest := a.samples(isNew)
	if earlier != nil {
		s.collector.config.Reject(s.collector.config.Store.Put(id, earlier).Rejected)
	}
	return s.collector.config.Store.Put(id, newest)
}
