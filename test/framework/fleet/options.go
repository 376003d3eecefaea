package fleet

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/clock"
)

// Options describe a fleet. The zero value of each field but Nodes has a default.
type Options struct {
	// Name is the value of the nodes' label LabelFleet; "fleet" by default.
	Name string
	// NodePrefix begins the nodes' names; "node" by default, which gives node-0001, node-0002 and so on.
	NodePrefix string
	// Nodes is how many nodes there are.
	Nodes int
	// Block is the second octet of the nodes' addresses, which are 127.<Block>.0.1 and on; 10 by default. Fleets that are to have the
	// same ports at the same time need blocks of their own.
	Block int
	// Port is where each node serves HTTPS at its own address; a free one by default.
	Port int
	// ReadOnly also serves plain HTTP without authorization, as a kubelet's read-only port does.
	ReadOnly bool
	// ReadOnlyPort is where; a free one by default. Kubelets that have such a port mostly have it at 10255.
	ReadOnlyPort int
	// Certificate gives a node's serving certificate. It is called once per node, and again after an error. By default the whole
	// fleet shares a self-signed certificate that proves nothing, as kubelets without serverTLSBootstrap have it.
	Certificate func(node string, ip net.IP) (*tls.Certificate, error)
	// Authorize returns the HTTP status of the response to an HTTPS request: 200 to go on, 401 or 403 to refuse. By default all
	// are let in. Client certificates are requested and not verified: that is its work ([ClientCertificate]).
	Authorize func(*http.Request) int
	// Readings is when nodes read their cgroups; OnDemand by default.
	Readings Readings
	// Swap gives the nodes swap space, and adds the swap series and fields.
	Swap bool
	// Pressure adds the pressure of CPU and memory to the summary, as a kubelet on a kernel that measures it does.
	Pressure bool
	// BaseCPU, in cores, and BaseMemory, in bytes, are what a node uses without pods; 0.1 and 512Mi by default.
	BaseCPU    float64
	BaseMemory uint64
	// Capacity is the capacity and the allocatable resources of each node; 8 cores, 32Gi and 110 pods by default.
	Capacity corev1.ResourceList
	// History is for how long the readings of all responses are kept, for a test that compares what is served with them ([Fleet.PodHistory],
	// [Fleet.NodeHistory]); none by default.
	History time.Duration
	// Client makes the fleet follow the pods of a cluster. Without it pods are added directly.
	Client kubernetes.Interface
	// Clock is the source of time; the real one by default.
	Clock clock.Clock
}

// complete validates the options and fills in the defaults. It reports all mistakes at once.
func (o Options) complete() (Options, error) {
	o.setDefaults()
	var errs []error
	if o.Nodes < 1 || o.Nodes > maxNodes {
		errs = append(errs, fmt.Errorf("fleet has %d nodes: give between 1 and %d", o.Nodes, maxNodes))
	}
	errs = append(errs, o.validateWhere()...)
	if o.Readings > Housekeeping {
		errs = append(errs, errors.New("readings: give OnDemand or Housekeeping"))
	}
	if _, err := nanocores(o.BaseCPU); err != nil {
		errs = append(errs, fmt.Errorf("base CPU of the nodes: %w", err))
	}
	for _, message := range validation.IsValidLabelValue(o.Name) {
		errs = append(errs, fmt.Errorf("name %q of the fleet is the value of a label: %s", o.Name, message))
	}
	for _, message := range validation.IsDNS1123Subdomain(o.NodePrefix + "-0001") {
		errs = append(errs, fmt.Errorf("prefix %q of the nodes' names: %s", o.NodePrefix, message))
	}
	return o, utilerrors.NewAggregate(errs)
}

// validateWhere returns every mistake in addresses and ports.
func (o Options) validateWhere() (errs []error) {
	if o.Block < firstBlock || o.Block > lastBlock {
		errs = append(errs, fmt.Errorf("block %d of the addresses 127.x.0.0/16: give between %d and %d", o.Block, firstBlock, lastBlock))
	}
	if o.Port < 0 || o.Port > 65535 {
		errs = append(errs, fmt.Errorf("port %d: give 0 for a free one, or one below 65536", o.Port))
	}
	if o.ReadOnlyPort < 0 || o.ReadOnlyPort > 65535 {
		errs = append(errs, fmt.Errorf("read-only port %d: give 0 for a free one, or one below 65536", o.ReadOnlyPort))
	}
	if o.ReadOnlyPort != 0 && !o.ReadOnly {
		errs = append(errs, fmt.Errorf("read-only port %d of a fleet that has none: set ReadOnly too", o.ReadOnlyPort))
	}
	return errs
}

func (o *Options) setDefaults() {
	if o.Name == "" {
		o.Name = "fleet"
	}
	if o.NodePrefix == "" {
		o.NodePrefix = "node"
	}
	if o.Block == 0 {
		o.Block = defaultBlock
	}
	if o.BaseCPU == 0 {
		o.BaseCPU = 0.1
	}
	if o.BaseMemory == 0 {
		o.BaseMemory = 512 << 20
	}
	if o.Capacity == nil {
		o.Capacity = corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse("8"),
			corev1.ResourceMemory: resource.MustParse("32Gi"),
			corev1.ResourcePods:   resource.MustParse("110"),
		}
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
}
