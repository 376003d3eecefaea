package parts

import (
	"fmt"
	"strings"
)

// Part names one program; it is the name of its binary.
type Part string

// The parts that can be built.
const (
	Etcd                  Part = "etcd"
	KubeAPIServer         Part = "kube-apiserver"
	KubeControllerManager Part = "kube-controller-manager"
	KubeScheduler         Part = "kube-scheduler"
	Kubectl               Part = "kubectl"
	Kwok                  Part = "kwok"
	Containerd            Part = "containerd"
	ContainerdShim        Part = "containerd-shim-runc-v2"
	Ctr                   Part = "ctr"
	Kubelet               Part = "kubelet"
	MetricsServer         Part = "metrics-server"
	// MetricsServerSuite is the test binary of metrics-server's own end-to-end tests.
	MetricsServerSuite Part = "metrics-server-suite"
	// CertManager is what Plimsoll's manifests need of cert-manager, with a command of this repository: its only argument is a kubeconfig.
	CertManager Part = "cert-manager"
)

// All are the parts of a control plane with simulated nodes, in the order of their start.
func All() []Part {
	return []Part{Etcd, KubeAPIServer, KubeControllerManager, KubeScheduler, Kubectl, Kwok}
}

// Node are the parts that a real node needs on top, in the order of their start.
func Node() []Part {
	return []Part{Containerd, ContainerdShim, Ctr, Kubelet}
}

// Peer are the parts with which Plimsoll is compared.
func Peer() []Part { return []Part{MetricsServer} }

// Suites are test binaries of other projects, which Plimsoll has to pass.
func Suites() []Part { return []Part{MetricsServerSuite} }

// Binaries are the absolute paths of parts that were built.
type Binaries map[Part]string

// recipe is the origin of a part.
type recipe struct {
	// folder holds the go.mod and go.sum of the build, below this package's folder.
	folder string
	// module is the path of the module whose version is the part's version.
	module string
	// main is the import path of the program.
	main string
	// test has the tests of that package be the program.
	test bool
	// tags are build tags, separated by commas.
	tags string
	// debian is the name of the package of Debian that has the program, for one that is not built from a module; program is its name there, where that is
	// not the part's.
	debian, program string
	// npm is the name of the npm package whose version is the part's version, for a part that is a folder of such packages.
	npm string
}

const (
	etcdModule       = "go.etcd.io/etcd/server/v3"
	kwokModule       = "sigs.k8s.io/kwok"
	kubernetesModule = "k8s.io/kubernetes"
	containerdModule = "github.com/containerd/containerd/v2"
	peerModule       = "sigs.k8s.io/metrics-server"
	certModule       = "github.com/cert-manager/cert-manager"
)

func recipeOf(p Part) (recipe, error) {
	switch p {
	case Etcd:
		return controlPlaneRecipe(etcdModule, etcdModule), nil
	case Kwok:
		return controlPlaneRecipe(kwokModule, kwokModule+"/cmd/kwok"), nil
	case KubeAPIServer, KubeControllerManager, KubeScheduler, Kubectl, Kubelet:
		return controlPlaneRecipe(kubernetesModule, kubernetesModule+"/cmd/"+string(p)), nil
	case Containerd, ContainerdShim, Ctr:
		// Without the storage drivers that need C libraries or kernel features of their own.
		return recipe{
			folder: "containerd", module: containerdModule, main: containerdModule + "/cmd/" + string(p), tags: "no_btrfs,no_zfs,no_devmapper",
		}, nil
	case MetricsServer:
		return recipe{folder: "metrics-server", module: peerModule, main: peerModule + "/cmd/metrics-server"}, nil
	case MetricsServerSuite:
		return recipe{folder: "metrics-server", module: peerModule, main: peerModule + "/test", test: true}, nil
	case CertManager:
		// With the tag of the control plane, whose packages it shares.
		return recipe{folder: "cert-manager", module: certModule, main: packagePath + "/cert-manager", tags: "grpcnotrace"}, nil
	}
	if r, found := engineRecipe(p); found {
		return r, nil
	}
	if r, found := clientRecipe(p); found {
		return r, nil
	}
	return recipe{}, fmt.Errorf("unknown part %q", p)
}

// ownMain is true where the program is a command of this repository that uses the module as a library.
func (r recipe) ownMain() bool { return strings.HasPrefix(r.main, packagePath) }

// controlPlaneRecipe has the tag that the server is built with, which packages below most others see: without it few packages would be compiled once for
// the server and for the control plane.
func controlPlaneRecipe(module, main string) recipe {
	return recipe{folder: "controlplane", module: module, main: main, tags: "grpcnotrace"}
}

// ldflags strips symbols and, for Kubernetes, stamps the version: without it the server calls itself v0.0.0.
func (r recipe) ldflags(version string) string {
	flags := []string{"-s", "-w"}
	if r.module == kubernetesModule {
		const variable = "-X k8s.io/component-base/version."
		number := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
		flags = append(flags, variable+"gitVersion="+version, variable+"gitTreeState=clean")
		if len(number) == 3 {
			flags = append(flags, variable+"gitMajor="+number[0], variable+"gitMinor="+number[1])
		}
	}
	return strings.Join(flags, " ")
}
