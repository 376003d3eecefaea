package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset"
)

// register has the API server send metrics.k8s.io to the server on loopback. An Endpoints address may not be one of
// loopback, so the Service is a name.
func (c *Cluster) register(ctx context.Context) error {
	_, err := c.Client.CoreV1().Services(namespace).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: service},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "localhost"},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create the service: %w", err)
	}
	client, err := aggregator.NewForConfig(c.AdminConfig())
	if err != nil {
		return fmt.Errorf("make a client of the aggregator: %w", err)
	}
	for version, priority := range map[string]int32{"v1": 200, "v1beta1": 100} {
		object := c.apiService(version, priority)
		if _, err := client.ApiregistrationV1().APIServices().Create(ctx, object, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("register %s: %w", object.Name, err)
		}
	}
	return c.waitAvailable(ctx, client)
}

func (c *Cluster) apiService(version string, priority int32) *apiregistrationv1.APIService {
	port := int32(c.Server.Port)
	return &apiregistrationv1.APIService{
		ObjectMeta: metav1.ObjectMeta{Name: version + ".metrics.k8s.io"},
		Spec: apiregistrationv1.APIServiceSpec{
			Group: "metrics.k8s.io", Version: version, GroupPriorityMinimum: 100, VersionPriority: priority,
			CABundle: c.CABundle(),
			Service:  &apiregistrationv1.ServiceReference{Namespace: namespace, Name: service, Port: &port},
		},
	}
}

// waitAvailable waits until the aggregator has reached the server under both versions, and shows them in discovery.
func (c *Cluster) waitAvailable(ctx context.Context, client aggregator.Interface) error {
	var why string
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		list, err := client.ApiregistrationV1().APIServices().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, fmt.Errorf("list the APIServices: %w", err)
		}
		why = unavailable(list.Items)
		return why == "" && c.discovered(), nil
	})
	if err != nil {
		return fmt.Errorf("wait for the APIServices to be available: %w: %s", err, why)
	}
	fmt.Fprintln(c.options.Log, "metrics.k8s.io is available")
	return nil
}

func unavailable(all []apiregistrationv1.APIService) string {
	for _, s := range all {
		if s.Spec.Group != "metrics.k8s.io" {
			continue
		}
		available := false
		for _, c := range s.Status.Conditions {
			available = available || c.Type == apiregistrationv1.Available && c.Status == apiregistrationv1.ConditionTrue
		}
		if !available {
			return fmt.Sprintf("%s: %v", s.Name, s.Status.Conditions)
		}
	}
	return ""
}

func (c *Cluster) discovered() bool {
	for _, version := range []string{"v1", "v1beta1"} {
		if _, err := c.Client.Discovery().ServerResourcesForGroupVersion("metrics.k8s.io/" + version); err != nil {
			return false
		}
	}
	return true
}
