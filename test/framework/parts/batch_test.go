package parts

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The control plane is one batch, so that what its programs share is compiled once.
func TestBatches(t *testing.T) {
	folder, err := findFolder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sources []source
	for _, part := range slices.Concat(All(), Node(), Peer(), Suites()) {
		s, err := loadSource(t.Context(), folder, part)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, s)
	}
	var got [][]Part
	for _, b := range batches(sources) {
		var names []Part
		for _, s := range b {
			names = append(names, s.Part)
		}
		got = append(got, names)
	}
	want := [][]Part{
		append(All(), Kubelet), {Containerd, ContainerdShim, Ctr}, {MetricsServer}, {MetricsServerSuite},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestBatchArgs(t *testing.T) {
	etcd := source{Part: Etcd, version: "v3.7.0", recipe: recipe{module: etcdModule, main: etcdModule}}
	kubectl := source{Part: Kubectl, version: "v1.37.2", recipe: recipe{module: kubernetesModule, main: "k8s.io/kubernetes/cmd/kubectl"}}
	suite := source{Part: MetricsServerSuite, version: "v0.9.0", recipe: recipe{module: peerModule, main: peerModule + "/test", test: true}}
	tests := []struct {
		name string
		of   batch
		want []string
	}{
		{"two programs", batch{etcd, kubectl}, []string{
			"build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-v", "-o", "d/",
			"-ldflags=go.etcd.io/etcd/server/v3=-s -w",
			"-ldflags=k8s.io/kubernetes/cmd/kubectl=-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2" +
				" -X k8s.io/component-base/version.gitTreeState=clean" +
				" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37",
			"go.etcd.io/etcd/server/v3", "k8s.io/kubernetes/cmd/kubectl",
		}},
		{"a test binary", batch{suite}, []string{
			"test", "-c", "-mod=readonly", "-trimpath", "-buildvcs=false", "-v", "-o", "d/", "-ldflags=-s -w", "sigs.k8s.io/metrics-server/test",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.of.args("d")); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBinaryHasTheNameThatTheGoCommandGives(t *testing.T) {
	for main, want := range map[string]string{
		"go.etcd.io/etcd/server/v3": "server", "k8s.io/kubernetes/cmd/kubectl": "kubectl", "github.com/containerd/containerd/v2/cmd/ctr": "ctr",
	} {
		if got := (source{recipe: recipe{main: main}}).binary(); got != want {
			t.Errorf("the binary of %s is called %s, want %s", main, got, want)
		}
	}
}
