package manifests

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
)

const unprivileged = 65532

func deployment(t *testing.T) appsv1.Deployment {
	t.Helper()
	return read[appsv1.Deployment](t, "base/deployment.yaml")
}

func TestSecurityContext(t *testing.T) {
	pod := deployment(t).Spec.Template.Spec
	if diff := cmp.Diff(&corev1.PodSecurityContext{
		RunAsNonRoot:   new(true),
		RunAsUser:      new(int64(unprivileged)),
		RunAsGroup:     new(int64(unprivileged)),
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}, pod.SecurityContext); diff != "" {
		t.Errorf("pod (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		ReadOnlyRootFilesystem:   new(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}, pod.Containers[0].SecurityContext); diff != "" {
		t.Errorf("container (-want +got):\n%s", diff)
	}
	if pod.HostNetwork || pod.HostPID || pod.HostIPC {
		t.Error("the base uses a namespace of the host")
	}
	if n := len(pod.Containers) + len(pod.InitContainers); n != 1 {
		t.Errorf("%d containers, but only one has a security context that is checked", n)
	}
}

// The server can write to --cert-dir and nowhere else.
func TestOnlyTheCertificateDirectoryIsWritable(t *testing.T) {
	pod := deployment(t).Spec.Template.Spec
	var writable []string
	for _, m := range pod.Containers[0].VolumeMounts {
		if !m.ReadOnly {
			writable = append(writable, "--cert-dir="+m.MountPath)
		}
	}
	if diff := cmp.Diff(writable, argsWithPrefix(pod.Containers[0].Args, "--cert-dir=")); diff != "" {
		t.Errorf("(-mounted +argument):\n%s", diff)
	}
}

func argsWithPrefix(args []string, prefix string) (found []string) {
	for _, arg := range args {
		if strings.HasPrefix(arg, prefix) {
			found = append(found, arg)
		}
	}
	return found
}

func TestServicePortIsServed(t *testing.T) {
	container := deployment(t).Spec.Template.Spec.Containers[0]
	service := read[corev1.Service](t, "base/service.yaml")
	port := container.Ports[0]
	if target := service.Spec.Ports[0].TargetPort.StrVal; target != port.Name {
		t.Errorf("the Service targets port %q, the container names it %q", target, port.Name)
	}
	if diff := cmp.Diff([]string{"--secure-port=10250"}, argsWithPrefix(container.Args, "--secure-port=")); diff != "" || port.ContainerPort != 10250 {
		t.Errorf("the port is %d and the argument is (-want +got):\n%s", port.ContainerPort, diff)
	}
}

// A short timeout or a low threshold of a probe turns a short overload into a restart, which loses all usage.
func TestProbes(t *testing.T) {
	container := deployment(t).Spec.Template.Spec.Containers[0]
	tests := []struct {
		name  string
		probe *corev1.Probe
		path  string
		// patience is the least number of seconds of failures before the kubelet acts.
		patience int32
	}{
		{"startup", container.StartupProbe, "/livez", 60},
		{"liveness", container.LivenessProbe, "/livez", 30},
		{"readiness", container.ReadinessProbe, "/readyz", 15},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := test.probe
			if p.HTTPGet.Path != test.path || p.HTTPGet.Scheme != corev1.URISchemeHTTPS || p.HTTPGet.Port.StrVal != "https" {
				t.Errorf("probes %+v, want https and %s", p.HTTPGet, test.path)
			}
			if p.TimeoutSeconds < 5 || p.FailureThreshold < 3 || p.PeriodSeconds*p.FailureThreshold < test.patience {
				t.Errorf("timeout %d s, %d failures every %d s: not patient enough",
					p.TimeoutSeconds, p.FailureThreshold, p.PeriodSeconds)
			}
		})
	}
}

func TestRollingUpdateKeepsServing(t *testing.T) {
	strategy := deployment(t).Spec.Strategy.RollingUpdate
	if strategy.MaxUnavailable.IntVal != 0 || strategy.MaxSurge.IntVal < 1 {
		t.Errorf("the update may leave no server: %+v", strategy)
	}
}

func TestOneReplicaCanBeDrained(t *testing.T) {
	budget := read[policyv1.PodDisruptionBudget](t, "base/poddisruptionbudget.yaml").Spec
	if budget.MinAvailable != nil || budget.MaxUnavailable == nil || budget.MaxUnavailable.IntVal < 1 {
		t.Errorf("the budget of a single replica blocks every drain: %+v", budget)
	}
}

func TestSelectorsMatchThePod(t *testing.T) {
	d := deployment(t)
	selectors := map[string]map[string]string{
		"deployment": d.Spec.Selector.MatchLabels,
		"service":    read[corev1.Service](t, "base/service.yaml").Spec.Selector,
		"budget":     read[policyv1.PodDisruptionBudget](t, "base/poddisruptionbudget.yaml").Spec.Selector.MatchLabels,
	}
	for _, c := range d.Spec.Template.Spec.TopologySpreadConstraints {
		selectors["spread over "+c.TopologyKey] = c.LabelSelector.MatchLabels
	}
	for name, selector := range selectors {
		if len(selector) == 0 {
			t.Errorf("%s selects every pod", name)
		}
		for key, value := range selector {
			if got := d.Spec.Template.Labels[key]; got != value {
				t.Errorf("%s selects %s=%s, the pod has %q", name, key, value, got)
			}
		}
	}
}

func TestImageHasAVersion(t *testing.T) {
	image := deployment(t).Spec.Template.Spec.Containers[0].Image
	version := regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9a-z.]+)?$`)
	for _, i := range readKustomization(t, "base/kustomization.yaml").Images {
		if i.Name == image && version.MatchString(i.NewTag) {
			return
		}
	}
	t.Errorf("base/kustomization.yaml gives image %q no version", image)
}
