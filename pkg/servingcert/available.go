package servingcert

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"k8s.io/klog/v2"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// minUnavailable is how long an APIService is unavailable before that is logged: a server that has just started is not ready yet.
const minUnavailable = 40 * time.Second

// availability is whether the API server can reach the server through an APIService, by its condition Available.
type availability struct {
	available bool
	// since is when the APIService was first found unavailable; zero where it is available.
	since time.Time
}

// observe keeps the availability of an own APIService, and logs when it has changed for good. The condition's message names the address at which the
// API server tries.
func (m *Manager) observe(ctx context.Context, s *apiregistrationv1.APIService) {
	i := slices.IndexFunc(s.Status.Conditions, func(c apiregistrationv1.APIServiceCondition) bool { return c.Type == apiregistrationv1.Available })
	if i < 0 {
		return // The API server has not tried yet.
	}
	found, now := s.Status.Conditions[i], m.config.Clock.Now()
	m.mu.Lock()
	of := m.available[s.Name]
	of.available = found.Status == apiregistrationv1.ConditionTrue
	switch {
	case of.available:
		of.since = time.Time{}
	case of.since.IsZero():
		of.since = now
	}
	m.available[s.Name] = of
	m.mu.Unlock()
	subject, logger := "available/"+s.Name, klog.FromContext(ctx)
	switch {
	case of.available && m.logged.Set(subject, ""):
		logger.Info("The API server reaches the metrics API again", "apiService", s.Name)
	case !of.available && now.Sub(of.since) >= minUnavailable && m.logged.Set(subject, "unavailable"):
		logger.Info("The API server does not reach the metrics API: plimsoll doctor has the cure", "apiService", s.Name, "reason", found.Reason, "message", found.Message)
	}
}

// forget drops the availability of an APIService that is not registered, or leads elsewhere.
func (m *Manager) forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.available, name)
}

// Available iterates over the own APIServices, and whether the API server had each of them as available when it was read last.
func (m *Manager) Available() iter.Seq2[string, bool] {
	m.mu.Lock()
	all := maps.Clone(m.available)
	m.mu.Unlock()
	return func(yield func(string, bool) bool) {
		for name, of := range all {
			if !yield(name, of.available) {
				return
			}
		}
	}
}
