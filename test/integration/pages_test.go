package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestPagesWhilePodsComeAndGo has client-go's pager and kubectl walk all pods in pages while a Deployment is scaled up and down and every node is scraped:
// each pod that stays is seen once.
func TestPagesWhilePodsComeAndGo(t *testing.T) {
	stay := populatedPods(t)
	churn := startChurn(t)
	for _, tt := range []struct {
		name    string
		options metav1.ListOptions
		size    int64
	}{
		{"small pages", metav1.ListOptions{}, 97},
		{"pages of kubectl's size", metav1.ListOptions{}, 500},
		{"of whatever is at hand", metav1.ListOptions{ResourceVersion: "0"}, 500},
		{"not older than the first version", metav1.ListOptions{ResourceVersion: "1", ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				names, err := page(ctx, tt.options, tt.size)
				if err != nil {
					return err
				}
				return seenOnce(stay, names)
			})
		})
	}
	for _, size := range []string{"83", "500", "0"} {
		t.Run("kubectl --chunk-size="+size, func(t *testing.T) {
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				out, err := env.Run(ctx, "", "get", "podmetrics", "-A", "--no-headers", "--chunk-size="+size)
				if err != nil {
					return err
				}
				var names []string
				for line := range strings.Lines(out) {
					names = append(names, strings.Join(strings.Fields(line)[:2], "/"))
				}
				return seenOnce(stay, names)
			})
		})
	}
	if err := churn(); err != nil {
		t.Error(err)
	}
}

// page walks all pods with client-go's pager.
func page(ctx context.Context, o metav1.ListOptions, size int64) (names []string, err error) {
	versions := map[string]bool{}
	p := pager.New(func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		list, err := env.Metrics.MetricsV1().PodMetricses("").List(ctx, o)
		if err == nil {
			versions[list.ResourceVersion] = true
		}
		return list, err
	})
	p.PageSize = size
	list, _, err := p.List(ctx, o)
	if err != nil {
		return nil, err
	}
	if len(versions) != 1 {
		return nil, fmt.Errorf("the pages have %d resource versions", len(versions))
	}
	err = meta.EachListItem(list, func(object runtime.Object) error {
		pod := object.(*metricsv1.PodMetrics)
		names = append(names, pod.Namespace+"/"+pod.Name)
		return nil
	})
	return names, err
}

// populatedPods are those that stay, in the order of a list.
func populatedPods(t *testing.T) (names []string) {
	t.Helper()
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		list, err := env.Metrics.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{LabelSelector: "app=populated"})
		if err != nil {
			return err
		}
		names = nil
		for _, p := range list.Items {
			names = append(names, p.Namespace+"/"+p.Name)
		}
		if len(names) != pods {
			return fmt.Errorf("%d pods have usage, want %d", len(names), pods)
		}
		return nil
	})
	return names
}

// seenOnce wants the pods that stay among those that were seen, in their order, and none twice.
func seenOnce(stay, seen []string) error {
	times, known := map[string]int{}, map[string]bool{}
	for _, name := range stay {
		known[name] = true
	}
	var among []string
	for _, name := range seen {
		if times[name]++; times[name] > 1 {
			return fmt.Errorf("%s is seen twice", name)
		}
		if known[name] {
			among = append(among, name)
		}
	}
	if !slices.Equal(stay, among) {
		return fmt.Errorf("of %d pods that stay %d are seen, or not in order", len(stay), len(among))
	}
	return nil
}

const churning = `
apiVersion: v1
kind: Namespace
metadata: {name: churning}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: churning, name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: "example.invalid/web:1"}]
`

// startChurn scales a Deployment up and down until stop is called, which returns what went wrong.
func startChurn(t *testing.T) (stop func() error) {
	t.Helper()
	if _, err := env.Run(t.Context(), churning, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "delete", "namespace", "churning", "--wait=true", "--timeout=60s") })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		for replicas := 0; ; replicas = 20 - replicas {
			_, err := env.Run(ctx, "", "scale", "-n", "churning", "deployment/web", fmt.Sprintf("--replicas=%d", replicas))
			select {
			case <-ctx.Done():
				done <- nil
				return
			case <-time.After(2 * time.Second):
			}
			if err != nil {
				done <- err
				return
			}
		}
	}()
	return func() error {
		cancel()
		return errors.Join(<-done)
	}
}

// TestShortNamesAreFree compares the short names and the category with all names of the real API server.
func TestShortNamesAreFree(t *testing.T) {
	_, lists, err := env.Client.Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	own, taken := map[string]bool{}, map[string]string{}
	for _, list := range lists {
		for _, r := range list.APIResources {
			if strings.HasPrefix(list.GroupVersion, "metrics.k8s.io/") {
				for _, name := range slices.Concat(r.ShortNames, r.Categories) {
					own[name] = true
				}
				continue
			}
			for _, name := range slices.Concat(r.ShortNames, r.Categories, []string{r.Name, r.SingularName, strings.ToLower(r.Kind)}) {
				taken[name] = list.GroupVersion + " " + r.Name
			}
		}
	}
	if len(own) != 3 || len(taken) < 100 {
		t.Errorf("%d own names, %d others", len(own), len(taken))
	}
	for name := range own {
		if by := taken[name]; by != "" {
			t.Errorf("%q is a name of %s too", name, by)
		}
	}
}
