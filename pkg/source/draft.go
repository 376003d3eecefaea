package source

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// statement is what the text of a source says. What it leaves open is nil, empty or 0.
type statement struct {
	server                                 string
	inCluster, insecure, useServiceAccount *bool
	auth                                   string

	cluster      string
	nodeSelector labels.Selector

	https, useNodeStatusPort, insecureTLS *bool
	allowLocalAddresses                   *bool
	port                                  int
	addressTypes                          []corev1.NodeAddressType
	caFile, certFile, keyFile             string

	requestTimeout, resolution time.Duration

	hostIDAnnotation bool
}

// draft is a source while it is read.
type draft struct {
	statement
	raw  string
	kind Kind
	// api is set by settleAccess.
	api      Access
	mistakes []error
	// unclear are the subjects of which something could not be read. Rules about them are not checked: the message would be
	// about a mistake that nobody made.
	unclear map[subject]bool
}

// wrong notes a mistake. The format goes on with a sentence that begins with the source.
func (d *draft) wrong(format string, args ...any) {
	d.mistakes = append(d.mistakes, fmt.Errorf("source %v%w", d, fmt.Errorf(format, args...)))
}

// String returns the source as it was written, quoted, without a password.
func (d *draft) String() string { return quote(d.raw) }

// lose notes that nothing of the source can be relied on.
func (d *draft) lose() {
	for s := range subjects {
		d.unclear[s] = true
	}
}

// source fills in the defaults.
func (d *draft) source(def Defaults) Source {
	s := Source{
		Kind: d.kind, Raw: d.raw, Cluster: d.cluster, API: d.api,
		Kubelet:      d.kubelet(def),
		NodeSelector: d.selector(def),
		Resolution:   d.interval(def),
	}
	s.Notes = d.notes(s, def)
	return s
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }

// list joins what a sentence enumerates.
func list(items []string) string { return strings.Join(items, ", ") }
