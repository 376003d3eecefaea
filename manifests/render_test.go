package manifests

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/yaml"

	"github.com/plimsoll/plimsoll/pkg/servingcert"
	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// kubectl returns the path of kubectl, which has kustomize inside: $KUBECTL, or the one of the local control plane.
func kubectl(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("KUBECTL"); path != "" {
		return path
	}
	binaries, err := parts.Ensure(t.Context(), t.Output(), parts.Kubectl)
	if err != nil {
		t.Fatalf("kubectl, which renders the manifests: %v", err)
	}
	return binaries[parts.Kubectl]
}

// render returns what kustomize makes of a directory, by "Kind/name".
func render(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), kubectl(t), "kustomize", dir)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("rendering %s: %v\n%s", dir, err, &stderr)
	}
	objects := map[string][]byte{}
	for document := range strings.SplitSeq(stdout.String(), "\n---\n") {
		var object struct {
			metav1.TypeMeta
			metav1.ObjectMeta `json:"metadata"`
		}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatalf("decoding what %s renders to: %v", dir, err)
		}
		objects[object.Kind+"/"+object.Name] = []byte(document)
	}
	return objects
}

// renderWith renders the base with components on top.
func renderWith(t *testing.T, components ...string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	// kustomize takes no absolute paths.
	here, err = filepath.Rel(dir, here)
	if err != nil {
		t.Fatal(err)
	}
	text := "resources:\n- " + here + "/base\ncomponents:\n"
	for _, c := range components {
		text += "- " + here + "/components/" + c + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return render(t, dir)
}

func TestBaseRendersWithAPinnedImage(t *testing.T) {
	d := decode[appsv1.Deployment](t, "base", render(t, "base")["Deployment/plimsoll"])
	image := d.Spec.Template.Spec.Containers[0].Image
	if _, tag, ok := strings.Cut(image, ":"); !ok || tag == "latest" {
		t.Errorf("image is %q", image)
	}
}

func TestComponents(t *testing.T) {
	base := deployment(t).Spec.Template.Spec.Containers[0].Args
	tests := []struct {
		component string
		args      []string
		replicas  int32
		spread    corev1.UnsatisfiableConstraintAction
		host      bool
	}{
		{"kubelet-insecure-tls", with(base, "--kubelet-insecure-tls"), 1, corev1.ScheduleAnyway, false},
		{"summary", with(base, "--source=kubernetes.summary_api"), 1, corev1.ScheduleAnyway, false},
		{"priority-and-fairness", with(base, "--enable-priority-and-fairness=true"), 1, corev1.ScheduleAnyway, false},
		{"certificate-files", certificateFiles(base), 1, corev1.ScheduleAnyway, false},
		{"high-availability", base, 2, corev1.DoNotSchedule, false},
		{"host-network", replaced(base, "--secure-port=10250", "--secure-port=4443"), 1, corev1.ScheduleAnyway, true},
	}
	for _, test := range tests {
		t.Run(test.component, func(t *testing.T) {
			d := decode[appsv1.Deployment](t, test.component, renderWith(t, test.component)["Deployment/plimsoll"])
			pod := d.Spec.Template.Spec
			if diff := cmp.Diff(test.args, pod.Containers[0].Args); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
			got := fmt.Sprint(*d.Spec.Replicas, pod.TopologySpreadConstraints[0].WhenUnsatisfiable, pod.HostNetwork)
			if want := fmt.Sprint(test.replicas, test.spread, test.host); got != want {
				t.Errorf("replicas, spread and host network are %s, want %s", got, want)
			}
		})
	}
}

// TestOneVersionOnly has the component leave out one APIService, that of v1, and nothing else.
func TestOneVersionOnly(t *testing.T) {
	want := render(t, "base")
	const v1 = "APIService/v1.metrics.k8s.io"
	if want[v1] == nil {
		t.Fatalf("the base has no %s", v1)
	}
	delete(want, v1)
	if diff := cmp.Diff(want, renderExample(t, "from-metrics-server.md", "one-version")); diff != "" {
		t.Errorf("objects (-base without v1 +rendered):\n%s", diff)
	}
}

func with(args []string, more ...string) []string { return slices.Concat(args, more) }

func replaced(args []string, from, to string) []string {
	args = slices.Clone(args)
	args[slices.Index(args, from)] = to
	return args
}

func TestHostNetworkIsAdmittedAndPortsAgree(t *testing.T) {
	objects := renderWith(t, "host-network")
	ns := decode[corev1.Namespace](t, "host-network", objects["Namespace/plimsoll-system"])
	if level := ns.Labels["pod-security.kubernetes.io/enforce"]; level != "privileged" {
		t.Errorf("pod security level %q forbids the host network", level)
	}
	d := decode[appsv1.Deployment](t, "host-network", objects["Deployment/plimsoll"])
	if port := d.Spec.Template.Spec.Containers[0].Ports[0].ContainerPort; port != 4443 {
		t.Errorf("container port is %d", port)
	}
	if n := d.Spec.Strategy.RollingUpdate.MaxUnavailable.IntVal; n != 1 {
		t.Errorf("maxUnavailable is %d: with one node the new pod never finds a free port", n)
	}
}

// TestAllComponentsTogether guards against patches that only apply to the base alone.
func TestAllComponentsTogether(t *testing.T) {
	names, err := filepath.Glob("components/*")
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	slices.Reverse(names)
	renderWith(t, names...)
}

func TestOtherNamespace(t *testing.T) {
	objects := renderExample(t, "security.md", "other-namespace")
	if got := decode[appsv1.Deployment](t, "overlay", objects["Deployment/plimsoll"]).Namespace; got != "metrics" {
		t.Errorf("the server would run in %q", got)
	}
	binding := decode[rbacv1.RoleBinding](t, "overlay", objects["RoleBinding/plimsoll-auth-reader"])
	if binding.Namespace != metav1.NamespaceSystem || binding.Subjects[0].Namespace != "metrics" {
		t.Errorf("the binding is in %s and names a subject in %s", binding.Namespace, binding.Subjects[0].Namespace)
	}
	for _, name := range []string{"Secret/plimsoll-serving-certificate", "Role/plimsoll-serving-certificate", "RoleBinding/plimsoll-serving-certificate"} {
		if got := decodeLoosely[authority](t, objects[name]); got.Namespace != "metrics" || len(got.Subjects) > 0 && got.Subjects[0].Namespace != "metrics" {
			t.Errorf("%s is in %s and names %v", name, got.Namespace, got.Subjects)
		}
	}
	cluster := decode[rbacv1.ClusterRoleBinding](t, "overlay", objects["ClusterRoleBinding/system:plimsoll:serving-certificate"])
	if cluster.Subjects[0].Namespace != "metrics" {
		t.Errorf("%s names a subject in %s", cluster.Name, cluster.Subjects[0].Namespace)
	}
	for _, s := range apiServices(t, objects) {
		if s.Service.Namespace != "metrics" {
			t.Errorf("the APIService of %s points to namespace %s", s.Version, s.Service.Namespace)
		}
	}
}

// certificateFiles are the arguments with the component certificate-files.
func certificateFiles(base []string) []string {
	return with(replaced(base, ownCertificate, "--tls-cert-file=/certificate/tls.crt"), "--tls-private-key-file=/certificate/tls.key")
}

const ownCertificate = "--serving-certificate-service=plimsoll"

// TestServingCertificate has the rights and the Secret name what the server derives from its argument.
func TestServingCertificate(t *testing.T) {
	if args := deployment(t).Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, ownCertificate) {
		t.Fatalf("no %s in %q", ownCertificate, args)
	}
	service := read[corev1.Service](t, "base/service.yaml").Name
	secret := read[corev1.Secret](t, "base/serving-certificate-secret.yaml")
	if want := servingcert.SecretName(service); service != "plimsoll" || secret.Name != want || secret.Type != servingcert.SecretType || len(secret.Data) > 0 {
		t.Errorf("Service %q, Secret %q of type %q with %d keys; the Secret must be empty, be named %q and have the type %q",
			service, secret.Name, secret.Type, len(secret.Data), want, servingcert.SecretType)
	}
}

// withoutOwnCertificate checks that nothing is left of the server's right to make and publish its own certificate.
func withoutOwnCertificate(t *testing.T, objects map[string][]byte) {
	t.Helper()
	for name, object := range objects {
		if strings.Contains(name, "serving-certificate") || strings.Contains(string(object), `"secrets"`) || strings.Contains(string(object), "- apiservices\n") {
			t.Errorf("%s is still there:\n%s", name, object)
		}
	}
	pod := decode[appsv1.Deployment](t, "overlay", objects["Deployment/plimsoll"]).Spec.Template.Spec
	if diff := cmp.Diff(certificateFiles(deployment(t).Spec.Template.Spec.Containers[0].Args), pod.Containers[0].Args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if mount, volume := pod.Containers[0].VolumeMounts[1], pod.Volumes[1]; mount.MountPath != "/certificate" || mount.Name != volume.Name || volume.Secret == nil {
		t.Errorf("the Secret is not at the path of the arguments: %+v, %+v", mount, volume)
	}
}

func TestOwnCertificate(t *testing.T) {
	objects := renderExample(t, "certificates.md", "own-certificate")
	withoutOwnCertificate(t, objects)
	for _, s := range apiServices(t, objects) {
		if len(s.CABundle) == 0 {
			t.Errorf("the APIService of %s is not verified", s.Version)
		}
	}
}

func TestCertManager(t *testing.T) {
	objects := renderExample(t, "certificates.md", "cert-manager")
	withoutOwnCertificate(t, objects)
	for _, version := range []string{"v1", "v1beta1"} {
		object := decode[apiregistrationv1.APIService](t, "overlay", objects["APIService/"+version+".metrics.k8s.io"])
		if from := object.Annotations["cert-manager.io/inject-ca-from"]; from != "plimsoll-system/plimsoll" || objects["Certificate/plimsoll"] == nil {
			t.Errorf("caBundle of %s is that of the Certificate %q", object.Name, from)
		}
	}
}

func TestOwnImage(t *testing.T) {
	objects := renderExample(t, "../README.md", "own-image")
	const want = "registry.example/plimsoll:v0.1.0"
	if got := decode[appsv1.Deployment](t, "overlay", objects["Deployment/plimsoll"]).Spec.Template.Spec.Containers[0].Image; got != want {
		t.Errorf("the image is %q, want %q", got, want)
	}
}

func TestAnotherCluster(t *testing.T) {
	objects := renderExample(t, "sources.md", "another-cluster")
	pod := decode[appsv1.Deployment](t, "overlay", objects["Deployment/plimsoll"]).Spec.Template.Spec
	want := with(deployment(t).Spec.Template.Spec.Containers[0].Args,
		"--source=kubernetes", "--source=kubernetes?cluster=west&auth=/path/west.kubeconfig")
	if diff := cmp.Diff(want, pod.Containers[0].Args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if mount, volume := pod.Containers[0].VolumeMounts[1], pod.Volumes[1]; mount.MountPath != "/path" || mount.Name != volume.Name || volume.Secret == nil {
		t.Errorf("the Secret is not at the path of the argument: %+v, %+v", mount, volume)
	}
}

// decodeLoosely decodes the fields that T has.
func decodeLoosely[T any](t *testing.T, data []byte) (out T) {
	t.Helper()
	if err := yaml.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// renderExample renders an overlay that a page of the documentation shows, word for word.
func renderExample(t *testing.T, page, name string) map[string][]byte {
	t.Helper()
	dir := filepath.Join("testdata", name)
	text := string(readFile(t, filepath.Join(dir, "kustomization.yaml")))
	if !strings.Contains(string(readFile(t, filepath.Join("../docs", page))), "```yaml\n"+text+"```\n") {
		t.Errorf("docs/%s does not show %s", page, dir)
	}
	return render(t, dir)
}

func apiServices(t *testing.T, objects map[string][]byte) (specs []apiregistrationv1.APIServiceSpec) {
	t.Helper()
	for _, version := range []string{"v1", "v1beta1"} {
		object := decode[apiregistrationv1.APIService](t, "overlay", objects["APIService/"+version+".metrics.k8s.io"])
		specs = append(specs, object.Spec)
	}
	return specs
}
