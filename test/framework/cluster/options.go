package cluster

import (
	"cmp"
	"errors"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// Options describe a cluster.
type Options struct {
	// Name begins each line of Log, where there are several clusters; none by default.
	Name string
	// Dir is the folder of all files: logs, keys, etcd's data. The caller removes it.
	Dir string
	// Nodes is how many simulated nodes there are; 3 by default.
	Nodes int
	// Readings says when the simulated kubelets read their cgroups; on demand by default.
	Readings fleet.Readings
	// Block is the second octet of the nodes' addresses, 127.<Block>.0.1 and on; 10 by default. Beds that run at once need blocks of
	// their own where their kubelets have a read-only port at a number that is given.
	Block int
	// KubeletPort is where the kubelets serve HTTPS; a free port by default. Kubelets mostly have it at 10250.
	KubeletPort int
	// ReadOnly gives the kubelets a port of plain HTTP without authorization, at ReadOnlyPort; a free one by default.
	ReadOnly     bool
	ReadOnlyPort int
	// Authenticate makes the kubelets return 401, at their port of HTTPS, to clients that have neither a certificate that this cluster signed nor
	// a token that its API server knows.
	Authenticate bool
	// Pressure has the kubelets report the pressure of CPU and memory.
	Pressure bool
	// Swap gives the nodes swap space, and has the kubelets report how much is in use.
	Swap bool
	// History is for how long the kubelets' readings are kept ([fleet.Options]); they are not by default.
	History time.Duration
	// BaseCPU is the usage of each node without pods, in cores; the fleet's default by default.
	BaseCPU float64
	// Annotations are those of Populate's pods: what they use ([fleet.AnnotationCPU]), which follows from their names alone otherwise.
	Annotations map[string]string
	// Resources are those of each container of Populate's pods; a request of 10m of CPU by default.
	Resources corev1.ResourceRequirements
	// Args are further flags of Plimsoll, which replace those of the cluster.
	Args []string
	// APIServerArgs are further flags of kube-apiserver, which win.
	APIServerArgs []string
	// Log receives a line for each step; nil discards them.
	Log io.Writer
	// WithoutServer leaves out Plimsoll and its APIServices, and not Plimsoll's account and rights: a Plimsoll of another cluster scrapes it.
	WithoutServer bool
}

func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("a cluster needs a folder of its own, and none was given")
	}
	o.Nodes = cmp.Or(o.Nodes, 3)
	if o.Resources.Requests == nil {
		o.Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m")}
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Name != "" {
		o.Log = prefixed{to: o.Log, prefix: o.Name + ": "}
	}
	return o, nil
}
