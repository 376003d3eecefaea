package doctor

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

var (
	errForbidden = apierrors.NewForbidden(schema.GroupResource{Resource: "things"}, "", errors.New("no"))
	errNotFound  = apierrors.NewNotFound(schema.GroupResource{Resource: "things"}, "x")
)

// TestDiagnose changes one fact of a healthy cluster, and wants the code of its cause for an object.
func TestDiagnose(t *testing.T) {
	tests := []struct {
		name   string
		change func(f *Facts)
		code   string
		object string
	}{
		{"not registered", func(f *Facts) { set(f, "v1beta1", func(r *registeredFact) { r.Value, r.Err = nil, errNotFound }) }, "PLM-APISERVICE-MISSING", "apiservice/v1beta1.metrics.k8s.io"},
		{"leads to another Service", func(f *Facts) {
			set(f, "v1beta1", func(r *registeredFact) { r.Value.Spec.Service.Name = "metrics-server" })
		}, "PLM-APISERVICE-FOREIGN", "apiservice/v1beta1.metrics.k8s.io"},
		{"leads to no Service", func(f *Facts) { set(f, "v1", func(r *registeredFact) { r.Value.Spec.Service = nil }) }, "PLM-APISERVICE-FOREIGN", "apiservice/v1.metrics.k8s.io"},
		{"Service missing", func(f *Facts) { failed(f, "ServiceNotFound", `service/plimsoll in "plimsoll-system" is not present`) }, "PLM-APISERVICE-NO-SERVICE", "apiservice/v1.metrics.k8s.io"},
		{"no endpoints", func(f *Facts) { failed(f, "MissingEndpoints", "no addresses") }, "PLM-APISERVICE-NO-ENDPOINTS", "apiservice/v1.metrics.k8s.io"},
		{"not checked yet", func(f *Facts) { failed(f, "", "") }, "PLM-APISERVICE-UNAVAILABLE", "apiservice/v1.metrics.k8s.io"},
		{"dial timeout", func(f *Facts) {
			failed(f, "FailedDiscoveryCheck", `failing or missing response from https://10.0.0.1:10250/apis/metrics.k8s.io/v1: Get "https://10.0.0.1:10250/": dial tcp 10.0.0.1:10250: i/o timeout`)
		}, "PLM-APISERVICE-NO-ROUTE", "apiservice/v1.metrics.k8s.io"},
		{"401", func(f *Facts) {
			failed(f, "FailedDiscoveryCheck", "failing or missing response from https://10.0.0.1:10250/: bad status from https://10.0.0.1:10250/: 401")
		}, "PLM-FRONT-PROXY-REFUSED", "apiservice/v1.metrics.k8s.io"},
		{"unknown authority", func(f *Facts) {
			failed(f, "FailedDiscoveryCheck", "tls: failed to verify certificate: x509: certificate signed by unknown authority")
		}, "PLM-CABUNDLE-WRONG", "apiservice/v1.metrics.k8s.io"},
		{"another name", func(f *Facts) {
			failed(f, "FailedDiscoveryCheck", "tls: failed to verify certificate: x509: certificate is valid for a, not plimsoll.plimsoll-system.svc")
		}, "PLM-CERTIFICATE-NAME", "apiservice/v1.metrics.k8s.io"},
		{"no caBundle", func(f *Facts) { set(f, "v1", func(r *registeredFact) { r.Value.Spec.CABundle = nil }) }, "PLM-CABUNDLE-MISSING", "apiservice/v1.metrics.k8s.io"},
		{"caBundle is no certificate", func(f *Facts) { set(f, "v1", func(r *registeredFact) { r.Value.Spec.CABundle = []byte("x") }) }, "PLM-CABUNDLE-INVALID", "apiservice/v1.metrics.k8s.io"},
		{"caBundle of another server", func(f *Facts) {
			_, bundle := other()
			failed(f, "FailedDiscoveryCheck", "unexpected error")
			set(f, "v1", func(r *registeredFact) { r.Value.Spec.CABundle = bundle })
		}, "PLM-CABUNDLE-WRONG", "apiservice/v1.metrics.k8s.io"},
		{"certificate expired", func(f *Facts) { f.Time = f.Time.Add(370 * 24 * time.Hour) }, "PLM-CERTIFICATE-EXPIRED", "apiservice/v1.metrics.k8s.io"},
		{"certificate ends soon", func(f *Facts) { f.Time = f.Presented.Value[0].NotAfter.Add(-time.Hour) }, "PLM-CERTIFICATE-ENDS-SOON", "apiservice/v1.metrics.k8s.io"},
		{"no front proxy", func(f *Facts) { delete(f.Authentication.Value, frontProxyAuthorities) }, "PLM-FRONT-PROXY-NO-AUTHORITY", "configmap/kube-system/extension-apiserver-authentication"},
		{"no ConfigMap", func(f *Facts) { f.Authentication.Err = errNotFound }, "PLM-FRONT-PROXY-NO-AUTHORITY", "configmap/kube-system/extension-apiserver-authentication"},
		{"front proxy is no certificate", func(f *Facts) { f.Authentication.Value[frontProxyAuthorities] = "x" }, "PLM-FRONT-PROXY-INVALID", "configmap/kube-system/extension-apiserver-authentication"},
		{"front proxy expired", func(f *Facts) { f.Time = f.Time.Add(370 * 24 * time.Hour) }, "PLM-FRONT-PROXY-INVALID", "configmap/kube-system/extension-apiserver-authentication"},
		{"a right of the server", func(f *Facts) { f.ServerRights[4].Allowed = false }, "PLM-RBAC-SERVER", "get nodes/metrics"},
		{"a right of the user", func(f *Facts) { f.UserRights[1].Allowed = false }, "PLM-RBAC-USER", "list nodes.metrics.k8s.io"},
		{"no Service", func(f *Facts) { f.ServiceObject.Err = errNotFound }, "PLM-APISERVICE-NO-SERVICE", "service/plimsoll-system/plimsoll"},
		{"no ready endpoint", func(f *Facts) {
			f.Endpoints.Value[0].Endpoints[0].Conditions = discoveryv1.EndpointConditions{Ready: new(false)}
		}, "PLM-APISERVICE-NO-ENDPOINTS", "service/plimsoll-system/plimsoll"},
		{"discovery fails", func(f *Facts) { f.Discovery["v1"] = errors.New("broken") }, "PLM-API-ERROR", "/apis/metrics.k8s.io/v1"},
		{"a list fails", func(f *Facts) { f.Usage.Err = errors.New("broken") }, "PLM-API-ERROR", "/apis/metrics.k8s.io/v1beta1/nodes"},
		{"a list fails with a code", func(f *Facts) { f.Usage.Err = errors.New("no usage could be collected yet (PLM-API-FAILING)") }, "PLM-API-FAILING", "/apis/metrics.k8s.io/v1beta1/nodes"},
		{"clock here", func(f *Facts) { f.ClockHere = time.Hour }, "PLM-CLOCK-HERE", "this machine"},
		{"clock of Plimsoll", func(f *Facts) { f.ClockServer.Value = -time.Hour }, "PLM-CLOCK-SERVER", "service/plimsoll-system/plimsoll"},
		{"clock of a node, by its lease", func(f *Facts) { f.Leases.Value["node-2"] = -time.Hour }, "PLM-NODE-CLOCK", "node/node-2"},
		{"clock of a node, by its usage", func(f *Facts) { f.Usage.Value["node-2"] = NodeUsage{f.Time.Add(40 * time.Second)} }, "PLM-NODE-CLOCK", "node/node-2"},
		{"node without usage", func(f *Facts) {
			unserved(f, `nodes.metrics.k8s.io "node-2" not found: the kubelet's port refused the connection (PLM-KUBELET-REFUSED)`)
		}, "PLM-KUBELET-REFUSED", "node/node-2"},
		{"node that Plimsoll does not know", func(f *Facts) { unserved(f, `nodes "node-2" not found`) }, "PLM-NODE-NOT-SELECTED", "node/node-2"},
		{"node that another server does not know", func(f *Facts) {
			unserved(f, `nodes "node-2" not found`)
			set(f, "v1beta1", func(r *registeredFact) { r.Value.Spec.Service.Name = "metrics-server" })
		}, "PLM-NODE-UNEXPLAINED", "node/node-2"},
		{"node with a code of another version", func(f *Facts) { unserved(f, `nodes "node-2" not found: it is away (PLM-NEVER-HEARD-OF)`) }, "PLM-NODE-UNEXPLAINED", "node/node-2"},
		{"stale", func(f *Facts) { f.Usage.Value["node-2"] = NodeUsage{f.Time.Add(-3 * time.Minute)} }, "PLM-NODE-STALE", "node/node-2"},
		{"no request", func(f *Facts) {
			inactiveFor(f, "failed to get cpu utilization: missing request for cpu in container app of Pod web-0")
		}, "PLM-HPA-NO-REQUEST", "horizontalpodautoscaler/shop/web"},
		{"no usage", func(f *Facts) {
			inactiveFor(f, "unable to get metrics for resource cpu: no metrics returned from resource metrics API")
		}, "PLM-HPA-NO-USAGE", "horizontalpodautoscaler/shop/web"},
		{"no API", func(f *Facts) {
			inactiveFor(f, "the server is currently unable to handle the request (get pods.metrics.k8s.io)")
		}, "PLM-HPA-NO-API", "horizontalpodautoscaler/shop/web"},
		{"forbidden", func(f *Facts) { inactiveFor(f, "pods.metrics.k8s.io is forbidden") }, "PLM-HPA-FORBIDDEN", "horizontalpodautoscaler/shop/web"},
		{"otherwise", func(f *Facts) { inactiveFor(f, "an error") }, "PLM-HPA-OTHER", "horizontalpodautoscaler/shop/web"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := healthy(t)
			tt.change(f)
			r := Diagnose(f)
			i := slices.IndexFunc(r.Findings, func(found Finding) bool { return found.Code == tt.code })
			if i < 0 || !slices.Contains(r.Findings[i].Objects, tt.object) {
				t.Fatalf("want %s for %s, got %+v", tt.code, tt.object, r.Findings)
			}
			if found := r.Findings[i]; found.Cause == "" || found.Cure == "" {
				t.Errorf("want a cause and a cure, got %+v", found)
			}
			if got := r.ExitCode(); got != ExitFindings {
				t.Errorf("the exit code is %d", got)
			}
		})
	}
}

func TestDiagnoseHealthy(t *testing.T) {
	r := Diagnose(healthy(t))
	if len(r.Findings) > 0 || r.ExitCode() != ExitHealthy {
		t.Errorf("got exit code %d, %+v", r.ExitCode(), r)
	}
}

type registeredFact = Fact[*apiregistrationv1.APIService]

func set(f *Facts, version string, change func(*registeredFact)) {
	fact := f.APIServices[version]
	change(&fact)
	f.APIServices[version] = fact
}

// unserved has the second node without usage.
func unserved(f *Facts, message string) {
	delete(f.Usage.Value, "node-2")
	f.Explanations["node-2"] = message
}

func inactiveFor(f *Facts, message string) {
	f.Autoscalers.Value[0].Conditions = []autoscalingv2.HorizontalPodAutoscalerCondition{
		{Type: autoscalingv2.ScalingActive, Status: corev1.ConditionFalse, Reason: "FailedGetResourceMetric", Message: message},
	}
}

// TestChecksThatCannotBeMade has each fact be missing because of a right. No check hides another one, and the exit code says that not all was seen.
func TestChecksThatCannotBeMade(t *testing.T) {
	f := healthy(t)
	for _, version := range versions {
		f.APIServices[version] = registeredFact{Err: errForbidden}
	}
	f.ServiceObject.Err, f.Endpoints.Err, f.Pods.Err, f.Presented.Err = errForbidden, errForbidden, errForbidden, errForbidden
	f.Authentication.Err, f.Nodes.Err, f.Leases.Err, f.Autoscalers.Err = errForbidden, errForbidden, errForbidden, errForbidden
	f.ServerRights[0].Err = errForbidden
	r := Diagnose(f)
	var notMade []string
	for _, c := range r.Checks {
		if c.State == StateNotMade {
			notMade = append(notMade, c.Name)
			if !strings.Contains(c.Detail, "no right") && c.Name != "certificate" {
				t.Errorf("check %s does not have the reason: %s", c.Name, c.Detail)
			}
		}
	}
	want := []string{"apiservices", "certificate", "front-proxy", "server-rights", "service", "clocks", "nodes", "autoscalers"}
	if diff := cmp.Diff(want, notMade); diff != "" || r.ExitCode() != ExitNotLooked {
		t.Errorf("exit code %d (-want +got):\n%s", r.ExitCode(), diff)
	}
}

// TestMissingBundleIsOneFinding has the API server report the consequence of what is missing: that its own authorities do not verify the certificate.
func TestMissingBundleIsOneFinding(t *testing.T) {
	f := healthy(t)
	failed(f, "FailedDiscoveryCheck", "tls: failed to verify certificate: x509: certificate signed by unknown authority")
	for _, version := range versions {
		set(f, version, func(r *registeredFact) { r.Value.Spec.CABundle = nil })
	}
	if r := Diagnose(f); len(r.Findings) != 1 || r.Findings[0].Code != "PLM-CABUNDLE-MISSING" || r.Findings[0].Count != len(versions) {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestCertificateOfAnotherMachine has the address of the Service be that of another machine, from here. It is no finding about Plimsoll.
func TestCertificateOfAnotherMachine(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Facts)
		code   int
		detail string
	}{
		"the API server verifies Plimsoll's":     {func(*Facts) {}, ExitHealthy, "shows another certificate"},
		"the API server does not reach Plimsoll": {func(f *Facts) { failed(f, "FailedDiscoveryCheck", "i/o timeout") }, ExitFindings, "shows another certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			f := healthy(t)
			f.Presented.Value, _ = other()
			f.Service = types.NamespacedName{Namespace: "monitoring", Name: "usage"}
			for _, version := range versions {
				set(f, version, func(r *registeredFact) {
					r.Value.Spec.Service.Namespace, r.Value.Spec.Service.Name = f.Service.Namespace, f.Service.Name
				})
			}
			tt.change(f)
			r := Diagnose(f)
			if certificate := r.Checks[1]; certificate.State == StateFindings || !strings.Contains(certificate.Detail, tt.detail) || r.ExitCode() != tt.code {
				t.Errorf("exit code %d, %+v", r.ExitCode(), r)
			}
		})
	}
}

// TestManyNodes has one finding for all nodes with the same cause, of bounded size.
func TestManyNodes(t *testing.T) {
	f := healthy(t)
	for i := range 1000 {
		name := "down-" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + time.Duration(i).String()
		f.Nodes.Value = append(f.Nodes.Value, Node{Name: name})
		f.Explanations[name] = "the node was not found: " + name + ": the kubelet's port refused the connection (PLM-KUBELET-REFUSED)"
	}
	r := Diagnose(f)
	if len(r.Findings) != 1 || r.Findings[0].Count != 1000 || len(r.Findings[0].Objects) != MaxObjects || len(r.Findings[0].Details) != MaxDetails {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestPodOfTheReport explains one pod.
func TestPodOfTheReport(t *testing.T) {
	f := healthy(t)
	f.Target.Pod = types.NamespacedName{Namespace: "shop", Name: "web-0"}
	f.Pod = &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}}}
	r := Diagnose(f)
	if last := r.Checks[len(r.Checks)-1]; last.Name != "pod" || !strings.Contains(last.Detail, "container app") || r.ExitCode() != ExitHealthy {
		t.Errorf("got %+v", r)
	}
	f.PodError = apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "web-0: the pod is pending (PLM-POD-PENDING)")
	if r := Diagnose(f); r.ExitCode() != ExitFindings || r.Findings[0].Code != "PLM-POD-PENDING" || r.Findings[0].Objects[0] != "pod/shop/web-0" {
		t.Errorf("got %+v", r)
	}
}

// TestStatesOfNodes has Plimsoll itself report a node that is still served, one that it does not serve, and one of another cluster.
func TestStatesOfNodes(t *testing.T) {
	f := healthy(t)
	f.Usage.Err = errors.New("the server is currently unable to handle the request")
	f.Nodes.Value[1].Ready = false
	f.States = &Fact[[]NodeState]{Value: []NodeState{
		{Node: "node-1", Served: true, Code: "PLM-KUBELET-TIMEOUT"}, {Node: "node-2", Code: "PLM-KUBELET-REFUSED", Error: "dial tcp 10.0.0.2:10250: connection refused"},
		{Node: "node-1", Cluster: "west", Code: "PLM-KUBELET-FORBIDDEN"}, {Node: "node-3", Code: "PLM-KUBELET-FORBIDDEN"},
	}}
	got := map[string]string{}
	for _, found := range Diagnose(f).Findings {
		got[found.Code] = strings.Join(found.Objects, " ") + " " + strings.Join(found.Details, " ")
	}
	want := map[string]string{
		"PLM-API-ERROR":       "/apis/metrics.k8s.io/v1beta1/nodes the server is currently unable to handle the request",
		"PLM-KUBELET-TIMEOUT": "node/node-1 ",
		"PLM-KUBELET-REFUSED": "node/node-2 dial tcp 10.0.0.2:10250: connection refused; the Node is not Ready: the kubelet is down or cannot reach the API server",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f.States.Err = errForbidden
	if r := Diagnose(f); r.Checks[8].State != StateNotMade || !strings.Contains(r.Checks[8].Detail, "no right") {
		t.Errorf("got %+v", r.Checks[8])
	}
}

func TestIgnoredCause(t *testing.T) {
	f := healthy(t)
	unserved(f, "not found: node is not scraped (PLM-NODE-NOT-SELECTED)")
	r := Diagnose(f, cause.NodeNotSelected)
	if nodes := r.Checks[8]; len(r.Findings) > 0 || r.ExitCode() != ExitHealthy || nodes.Detail != "1 of 2 nodes have usage; 1 ignored" {
		t.Errorf("exit code %d, %+v", r.ExitCode(), r)
	}
}
