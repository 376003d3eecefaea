package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

func apiServiceName(version string) string { return version + "." + metricsGroup }

func metricsPath(version string) string { return "/apis/" + metricsGroup + "/" + version }

// registered reads the APIServices, and how the API server responds for each of them.
func (a *Access) registered(f *Facts) (tasks []task) {
	f.APIServices, f.Discovery = map[string]Fact[*apiregistrationv1.APIService]{}, map[string]error{}
	var mu sync.Mutex
	for _, version := range versions {
		tasks = append(tasks, func(ctx context.Context) {
			s, err := a.registry.APIServices().Get(ctx, apiServiceName(version), metav1.GetOptions{})
			got, discovered := a.get(ctx, metricsPath(version))
			mu.Lock()
			defer mu.Unlock()
			f.APIServices[version] = Fact[*apiregistrationv1.APIService]{s, err}
			f.Discovery[version] = discovered
			if version == versions[0] {
				f.ClockServer = Fact[time.Duration]{got.ahead + f.ClockHere, discovered}
			}
		})
	}
	return tasks
}

// served lists the usage of nodes.
func (a *Access) served(f *Facts) []task {
	if f.Target.Pod.Name != "" {
		return []task{func(ctx context.Context) {
			_, f.PodError = a.get(ctx, metricsPath(versions[0])+"/namespaces/"+f.Target.Pod.Namespace+"/pods/"+f.Target.Pod.Name)
		}}
	}
	return []task{func(ctx context.Context) {
		list := all(ctx, "", a.usagePage, func(l *metricsv1beta1.NodeMetricsList) ([]metricsv1beta1.NodeMetrics, string) {
			return l.Items, l.Continue
		})
		f.Usage.Err = list.Err
		f.Usage.Value = make(map[string]NodeUsage, len(list.Value))
		for _, n := range list.Value {
			f.Usage.Value[n.Name] = NodeUsage{Timestamp: n.Timestamp.Time}
		}
	}}
}

func (a *Access) usagePage(ctx context.Context, o metav1.ListOptions) (*metricsv1beta1.NodeMetricsList, error) {
	got, err := a.get(ctx, metricsPath(versions[0])+"/nodes", "limit", fmt.Sprint(o.Limit), "continue", o.Continue)
	if err != nil {
		return nil, err
	}
	var list metricsv1beta1.NodeMetricsList
	if err := json.Unmarshal(got.body, &list); err != nil {
		return nil, fmt.Errorf("read the usage of nodes: %w", err)
	}
	return &list, nil
}

// explain requests the usage of nodes that have none: the message of the response has the reason.
func (a *Access) explain(f *Facts) (tasks []task) {
	f.Explanations = map[string]string{}
	if f.Usage.Err != nil || f.Nodes.Err != nil || f.Target.Pod.Name != "" {
		return nil
	}
	var mu sync.Mutex
	for _, node := range f.Nodes.Value {
		if _, ok := f.Usage.Value[node.Name]; ok || len(tasks) == maxExplained {
			continue
		}
		tasks = append(tasks, func(ctx context.Context) {
			_, err := a.get(ctx, metricsPath(versions[0])+"/nodes/"+node.Name)
			if !apierrors.IsNotFound(err) {
				return // It has usage by now, or the API has failed since the list.
			}
			mu.Lock()
			defer mu.Unlock()
			f.Explanations[node.Name] = err.Error()
		})
	}
	return tasks
}
