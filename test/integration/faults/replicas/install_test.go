package replicas

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/typed/apiregistration/v1"

	"github.com/plimsoll/plimsoll/test/framework/controlplane"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// The names are those of the manifests.
const namespace, name = "plimsoll-system", "plimsoll"

// balanced is a second port of the Service, with the one address of a balancer in front of the replicas: as the API server without endpoint routing sees
// the Service.
var balanced = corev1.ServicePort{Name: "balanced", Protocol: corev1.ProtocolTCP, Port: 8443}

// workers is how many nodes pods may be scheduled to. The others stand for nodes with a taint, such as those of the control plane.
const workers = 2

// manifests are the objects that the component high-availability renders to and that this package acts on.
type manifests struct {
	deployment appsv1.Deployment
	budget     policyv1.PodDisruptionBudget
	service    corev1.Service
	// registered are the APIServices by version.
	registered map[string]*apiregistrationv1.APIService
}

func render(ctx context.Context) (*manifests, error) {
	objects, err := env.Manifests(ctx, "high-availability")
	if err != nil {
		return nil, err
	}
	m := &manifests{registered: map[string]*apiregistrationv1.APIService{}}
	for _, o := range objects {
		var into any
		switch o.GetKind() {
		case "Deployment":
			into = &m.deployment
		case "PodDisruptionBudget":
			into = &m.budget
		case "Service":
			into = &m.service
		case "APIService":
			version, _, _ := unstructured.NestedString(o.Object, "spec", "version")
			m.registered[version] = &apiregistrationv1.APIService{}
			into = m.registered[version]
		default:
			continue
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, into, true); err != nil {
			return nil, fmt.Errorf("read %s %s of the manifests: %w", o.GetKind(), o.GetName(), err)
		}
	}
	if args := m.deployment.Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, "--metric-resolution="+resolution.String()) {
		return nil, fmt.Errorf("the arguments of the manifests have another resolution than %s: %q", resolution, args)
	}
	return m, nil
}

// install applies the manifests, runs the pods, and returns once both replicas are ready and both versions of the API are served. The returned
// function ends the pods.
func install(ctx context.Context) (end func() error, err error) {
	m, err := render(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(reserve(ctx), env.Populate(ctx, podsPerNode)); err != nil {
		return nil, err
	}
	if pods, err = newKubelet(ctx, m.service); err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- pods.run(running) }()
	end = func() error { cancel(); return <-done }
	if err := errors.Join(create(ctx, m), awaitInstalled(ctx, *m.deployment.Spec.Replicas)); err != nil {
		return nil, errors.Join(err, end())
	}
	return end, nil
}

// reserve leaves the scheduler so many nodes as there are workers.
func reserve(ctx context.Context) error {
	_, err := env.Run(ctx, "", append([]string{"cordon"}, env.Fleet.Nodes()[workers:]...)...)
	return err
}

// create creates what the manifests have. The version v1 is reached at the endpoints of the Service, v1beta1 through the balancer.
func create(ctx context.Context, m *manifests) error {
	d := m.deployment.DeepCopy()
	d.Spec.Template.Annotations = map[string]string{controlplane.AnnotationRunByTest: "true"}
	service := m.service.DeepCopy()
	// The endpoints have addresses of loopback, which the API server does not accept from its own controller.
	service.Spec.Selector = nil
	service.Spec.Ports = append(service.Spec.Ports, balanced)
	m.registered["v1beta1"].Spec.Service.Port = &balanced.Port
	_, first := env.Client.CoreV1().Services(namespace).Create(ctx, service, metav1.CreateOptions{})
	_, second := env.Client.PolicyV1().PodDisruptionBudgets(namespace).Create(ctx, &m.budget, metav1.CreateOptions{})
	_, third := env.Client.AppsV1().Deployments(namespace).Create(ctx, d, metav1.CreateOptions{})
	errs := []error{first, second, third}
	registered, err := aggregator.NewForConfig(env.AdminConfig())
	if err != nil {
		return err
	}
	for _, object := range m.registered {
		_, err := registered.APIServices().Create(ctx, object, metav1.CreateOptions{})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// awaitInstalled waits for the replicas and for both versions.
func awaitInstalled(ctx context.Context, replicas int32) error {
	registered, err := aggregator.NewForConfig(env.AdminConfig())
	if err != nil {
		return err
	}
	return poll.Within(ctx, time.Minute, func(ctx context.Context) error {
		if ready := pods.ready(); len(ready) != int(replicas) {
			return errors.Join(fmt.Errorf("%d replicas are ready, want %d", len(ready), replicas), pods.failure())
		}
		list, err := registered.APIServices().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, s := range list.Items {
			if s.Spec.Service != nil && !isAvailable(&s) {
				return fmt.Errorf("%s is not available: %v", s.Name, s.Status.Conditions)
			}
		}
		return nil
	})
}

func isAvailable(s *apiregistrationv1.APIService) bool {
	for _, c := range s.Status.Conditions {
		if c.Type == apiregistrationv1.Available {
			return c.Status == apiregistrationv1.ConditionTrue
		}
	}
	return false
}
