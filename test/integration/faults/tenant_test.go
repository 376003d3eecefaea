package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const (
	// tenantPods is how many pods there are of each kind: with more labels than Plimsoll keeps of a pod, and with almost as many.
	tenantPods, tooManyLabels, manyLabels = 10, 20_000, 2000
	// tenantCalls is how many calls the tenant has open at once.
	tenantCalls = 8
)

// tenantSelectors are the sizes of the tenant's selectors, in bytes, with the code of the response. The first is about the largest that is allowed; the last makes
// a query of 1 MB.
var tenantSelectors = []struct {
	size int
	code string
}{{600, "200"}, {3 << 10, invalid}, {90 << 10, invalid}, {640 << 10, invalid}}

const tenantRights = `
apiVersion: v1
kind: Namespace
metadata: {name: tenant}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: tenant, name: metrics}
rules: [{apiGroups: [metrics.k8s.io], resources: [pods], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: tenant, name: metrics}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: metrics}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: tenant}]
`

// TestTenant has one tenant give its pods 2,000 and 20,000 labels each, and request them with selectors of hundreds and thousands of requirements.
func TestTenant(t *testing.T) {
	if _, err := env.Run(t.Context(), tenantRights, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deleteTenant(t) })
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := env.Client.CoreV1().ServiceAccounts("tenant").Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	attack{name: "labels and selectors", table: clientsTable, counted: []string{
		`^apiserver_request_total{.*code="400"`, `^plimsoll_pods_with_labels_left_out{cluster=""}`,
	}, wage: func(ctx context.Context, t *testing.T) error {
		if err := errors.Join(createLabelled(ctx, manyLabels), createLabelled(ctx, tooManyLabels)); err != nil {
			return err
		}
		var changes sync.WaitGroup
		changes.Go(func() { changePod(ctx, t) })
		defer changes.Wait()
		return selectInTurn(ctx, t)
	}}.run(t)
}

// deleteTenant begins to delete the tenant's objects. No other test uses that namespace, so none waits for its end.
func deleteTenant(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	if _, err := env.Run(ctx, "", "delete", "namespace", "tenant", "--wait=false"); err != nil {
		t.Error(err)
	}
}

// createLabelled creates pods that no scheduler binds, with so many labels. 20,000 make half of what the API server accepts.
func createLabelled(ctx context.Context, count int) error {
	labels := make(map[string]string, count)
	for i := range count {
		labels[fmt.Sprintf("l%05d", i)] = "v"
	}
	for i := range tenantPods {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "tenant", Name: fmt.Sprintf("labelled-%d-%d", count, i), Labels: labels},
			Spec: corev1.PodSpec{
				SchedulingGates: []corev1.PodSchedulingGate{{Name: "plimsoll.dev/never"}},
				Containers:      []corev1.Container{{Name: "app", Image: "example.invalid/app:1"}},
			},
		}
		if _, err := env.Client.CoreV1().Pods("tenant").Create(ctx, pod, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("create pod %s: %w", pod.Name, err)
		}
	}
	return nil
}

// changePod changes a pod twice a second until ctx ends, as any cluster's pods change: what Plimsoll learns of pods has to be written while
// the tenant's calls read it.
func changePod(ctx context.Context, t *testing.T) {
	for i := 0; ctx.Err() == nil; i++ {
		patch := fmt.Appendf(nil, `{"metadata":{"labels":{"change":"%d"}}}`, i)
		_, err := env.Client.CoreV1().Pods("team-0").Patch(ctx, first(1)[0]+"-000", types.StrategicMergePatchType, patch, metav1.PatchOptions{})
		if err != nil && ctx.Err() == nil {
			t.Errorf("change a pod: %v", err)
			return
		}
		pause(ctx, 500*time.Millisecond)
	}
}

// selectInTurn calls with short and with long selectors until ctx ends.
func selectInTurn(ctx context.Context, t *testing.T) error {
	config, err := env.ConfigFor("tenant", "system:authenticated")
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	failed := make([]error, tenantCalls)
	var all sync.WaitGroup
	for i := range tenantCalls {
		selector := tenantSelectors[i%len(tenantSelectors)]
		address := config.Host + "/apis/metrics.k8s.io/v1beta1/namespaces/tenant/pods?labelSelector=" + url.QueryEscape(selectorOf(selector.size))
		all.Go(func() {
			var results tally
			for ctx.Err() == nil {
				if code := statusOf(ctx, client, address); ctx.Err() == nil {
					results.note(code)
				}
			}
			name := fmt.Sprintf("selectors of %d bytes", selector.size)
			results.log(t, name)
			if err := results.check(1, selector.code); err != nil {
				failed[i] = fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// selectorOf is a selector of so many bytes that every pod of the tenant satisfies: it forbids labels that none has, which no index
// finds and a search through all labels of a pod notices last.
func selectorOf(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "!z%d,", i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// statusOf returns the status of a response, or the error of a request without one.
func statusOf(ctx context.Context, client *http.Client, address string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err.Error()
	}
	response, err := client.Do(request)
	if err != nil {
		return lost
	}
	response.Body.Close()
	return fmt.Sprint(response.StatusCode)
}
