package source

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// values are what the text of one source gives. A field is nil, empty or 0 where the text does not give it.
type values struct {
	server                                 string
	inCluster, insecure, useServiceAccount *bool
	auth                                   string

	cluster      string
	nodeSelector labels.Selector

	https, useNodeStatusPort, insecureTLS *bool
	allowLocalAddresses                   *bool
	port                                  int
	addressTypes                          []corev1.NodeAddressType
	caFile, certFile, keyFile, verify     string

	requestTimeout, resolution time.Duration

	hostIDAnnotation bool

	// engine has what is given of an engine; what can be given as a default's opposite is beside it.
	engine             Engine
	dedup, insecuressl *bool
	latencyOffset      *time.Duration
}

// spec is one value of --source under validation: first its text is parsed, then the access of its cluster is resolved, then the values are checked
// against each other and against the other sources, and at last the defaults are filled in.
type spec struct {
	flagvalue.Value
	values
	kind Kind
	// api is set by resolveAccess.
	api Access
	// unparsed are the subjects of which an option could not be parsed. Rules about these subjects are not checked, because their
	// errors would only be consequences of the one that is reported.
	unparsed map[subject]bool
}

// markUnparsed marks what the option is about; every subject where it has no name.
func (s *spec) markUnparsed(option string) {
	s.unparsed[optionNamed(option).subject] = true
	for about := range subjects {
		if option == "" {
			s.unparsed[about] = true
		}
	}
}

// source fills in the defaults.
func (s *spec) source(def Defaults) Source {
	out := Source{
		Kind: s.kind, Raw: s.Raw, Cluster: s.cluster, API: s.api,
		Engine:       s.engine(def),
		NodeSelector: s.effectiveSelector(def),
		Resolution:   s.effectiveResolution(def),
	}
	if s.kind != Prometheus {
		out.Kubelet = s.kubelet(def)
	}
	out.Notes = s.notes(out, def)
	return out
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }

// list joins the items of an enumeration in a sentence.
func list(items []string) string { return strings.Join(items, ", ") }
