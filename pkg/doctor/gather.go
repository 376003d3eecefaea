package doctor

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/metrics/pkg/apis/metrics"
)

const (
	metricsGroup = metrics.GroupName
	// atOnce is how many requests are sent at a time.
	atOnce = 8
	// maxExplained is of how many nodes without usage the server is asked for the reason, each by one request.
	maxExplained = 50
)

// versions are those of metrics.k8s.io that Plimsoll serves; the autoscaler requests the first.
var versions = [...]string{"v1beta1", "v1"}

// DefaultService is the Service of manifests/base.
func DefaultService() types.NamespacedName {
	return types.NamespacedName{Namespace: "plimsoll-system", Name: "plimsoll"}
}

// Options are what a user says about the cluster.
type Options struct {
	// Service leads to Plimsoll; empty for the one to which the APIServices lead, where that is Plimsoll's, or else DefaultService.
	Service types.NamespacedName
	// Target is what the report is about.
	Target Target
	// Address, HOST:PORT, is where Plimsoll itself is reached, without the API server; empty where it is not.
	Address string
}

// Gather requests the facts. The error is that there is no API server to ask, or no object that the options name: every other error is that of its fact.
func Gather(ctx context.Context, a *Access, o Options) (*Facts, error) {
	f := &Facts{Target: o.Target, Host: a.config.Host, Service: o.Service}
	date, err := a.get(ctx, "/version")
	if err != nil && !apierrors.IsForbidden(err) {
		return nil, fmt.Errorf("the API server at %s cannot be asked: %w", a.config.Host, err)
	}
	f.ClockHere, f.Time = -date.ahead, time.Now().Add(date.ahead)
	if err := a.target(ctx, f); err != nil {
		return nil, err
	}
	run(ctx, a.registered(f), a.served(f), a.clusterWide(f))
	a.chooseService(ctx, f)
	run(ctx, a.behind(f), a.rights(f), a.explain(f), a.states(f, o.Address))
	return f, nil
}

// task sends one request, or several that follow from each other, and writes the facts that it brings.
type task func(ctx context.Context)

// run runs tasks, a few at a time. Each writes facts of its own.
func run(ctx context.Context, groups ...[]task) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, tasks := range groups {
		for _, do := range tasks {
			g.Go(func() error {
				do(ctx)
				return nil
			})
		}
	}
	_ = g.Wait() // A task keeps its error as a fact.
}
