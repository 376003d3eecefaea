package servingcert

import (
	"context"
	"net"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/utils/clock"
)

// SecretType is the type of the Secret. It tells a Secret of Plimsoll from that of another server: the type of a Secret cannot be changed.
const SecretType corev1.SecretType = "plimsoll.io/serving-certificate" //nolint:gosec // A type, not a secret.

// SecretName is the name of the Secret for a Service, in the Service's namespace. Two installations have two Services, and so two Secrets.
func SecretName(service string) string { return service + "-serving-certificate" }

// Config is what a Manager is made of. Every field is needed.
type Config struct {
	// Service is the one through which clients reach the server. The certificate has its names.
	Service types.NamespacedName
	// Secrets are those of the Service's namespace.
	Secrets Secrets
	// APIServices and Names are the APIServices whose caBundle is kept, where they lead to the Service.
	APIServices APIServices
	Names       []string
	// Clock is the one by which certificates are due.
	Clock     clock.PassiveClock
	Lifetimes Lifetimes
}

// Secrets are the requests about Secrets that a Manager sends. The Secret is replaced by optimistic update.
type Secrets interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (*corev1.Secret, error)
	Create(ctx context.Context, secret *corev1.Secret, opts metav1.CreateOptions) (*corev1.Secret, error)
	Update(ctx context.Context, secret *corev1.Secret, opts metav1.UpdateOptions) (*corev1.Secret, error)
}

// APIServices are the requests about APIServices that a Manager sends.
type APIServices interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (*apiregistrationv1.APIService, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (*apiregistrationv1.APIService, error)
}

// issuer has the names of the Service, and those of the server's own host for clients there.
func (c *Config) issuer() *issuer {
	name := c.Service.Name
	qualified := name + "." + c.Service.Namespace
	return &issuer{
		dnsNames:  []string{qualified + ".svc", qualified, name, "localhost"},
		ips:       []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		lifetimes: c.Lifetimes,
	}
}
