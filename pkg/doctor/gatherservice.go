package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

const (
	// dialTimeout bounds the handshake with the Service's address, to which most workstations have no route.
	dialTimeout = 3 * time.Second
	// nameLabel is the label by which the manifests of most programs name themselves.
	nameLabel = "app.kubernetes.io/name"
	program   = "plimsoll"
)

// reference is the Service to which an APIService leads; false where it leads to none.
func reference(f Fact[*apiregistrationv1.APIService]) (types.NamespacedName, bool) {
	if f.Err != nil || f.Value.Spec.Service == nil {
		return types.NamespacedName{}, false
	}
	return types.NamespacedName{Namespace: f.Value.Spec.Service.Namespace, Name: f.Value.Spec.Service.Name}, true
}

// chooseService finds the Service of Plimsoll, unless the user has named it, its pods and their account, and who owns the other Services to which
// APIServices lead.
func (a *Access) chooseService(ctx context.Context, f *Facts) {
	f.Foreign = map[types.NamespacedName]string{}
	for _, version := range versions {
		name, ok := reference(f.APIServices[version])
		if !ok || name == f.Service {
			continue
		}
		owner := name.Name
		if object, err := a.core.CoreV1().Services(name.Namespace).Get(ctx, name.Name, metav1.GetOptions{}); err == nil {
			owner = cmp.Or(object.Labels[nameLabel], object.Labels["k8s-app"], name.Name)
		}
		if owner == program && f.Service.Name == "" {
			f.Service = name
		} else {
			f.Foreign[name] = owner
		}
	}
	if f.Service.Name == "" {
		f.Service = DefaultService()
	}
	f.Account = f.Service
	object, err := a.core.CoreV1().Services(f.Service.Namespace).Get(ctx, f.Service.Name, metav1.GetOptions{})
	f.ServiceObject = Fact[*corev1.Service]{object, err}
	a.pods(ctx, f)
}

// behind reads the endpoints of the Service, and the certificate with which its address responds.
func (a *Access) behind(f *Facts) []task {
	return []task{
		func(ctx context.Context) {
			if f.Presented.Err = f.ServiceObject.Err; f.Presented.Err == nil {
				f.Presented.Value, f.Presented.Err = present(ctx, f.ServiceObject.Value, f.port())
			}
		},
		func(ctx context.Context) {
			selector := discoveryv1.LabelServiceName + "=" + f.Service.Name
			f.Endpoints = all(ctx, selector, a.core.DiscoveryV1().EndpointSlices(f.Service.Namespace).List, func(l *discoveryv1.EndpointSliceList) ([]discoveryv1.EndpointSlice, string) {
				return l.Items, l.Continue
			})
		},
	}
}

// pods reads the pods of the Service; of many replicas, a page is enough.
func (a *Access) pods(ctx context.Context, f *Facts) {
	if f.Pods.Err = f.ServiceObject.Err; f.Pods.Err != nil || len(f.ServiceObject.Value.Spec.Selector) == 0 {
		return
	}
	list, err := a.core.CoreV1().Pods(f.Service.Namespace).List(ctx, metav1.ListOptions{
		LabelSelector: labels.SelectorFromSet(f.ServiceObject.Value.Spec.Selector).String(), Limit: pageSize,
	})
	if f.Pods.Err = err; err != nil || len(list.Items) == 0 {
		return
	}
	f.Pods.Value = list.Items
	f.Account.Name = cmp.Or(list.Items[0].Spec.ServiceAccountName, "default")
}

// rights reviews the rights of the server's account.
func (a *Access) rights(f *Facts) (tasks []task) {
	rights := ServerRights(f.Service)
	f.ServerRights = make([]RightFact, len(rights))
	for i, right := range rights {
		tasks = append(tasks, func(ctx context.Context) { f.ServerRights[i] = a.reviewAccount(ctx, f.Account, right) })
	}
	return tasks
}

// port is that of the Service to which the APIServices lead.
func (f *Facts) port() int32 {
	for _, version := range versions {
		if name, ok := reference(f.APIServices[version]); ok && name == f.Service && f.APIServices[version].Value.Spec.Service.Port != nil {
			return *f.APIServices[version].Value.Spec.Service.Port
		}
	}
	return 443
}

var errNoAddress = errors.New("the Service has no address")

// present opens a connection to the Service as the API server does, without credentials, and returns the certificates that the server shows.
func present(ctx context.Context, service *corev1.Service, port int32) ([]*x509.Certificate, error) {
	host := service.Spec.ClusterIP
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		host = service.Spec.ExternalName
	}
	if host == "" || host == corev1.ClusterIPNone {
		return nil, errNoAddress
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: hostOf(service.Name, service.Namespace)}} //nolint:gosec // Nothing is sent; the check verifies what is presented.
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates, nil
}

// hostOf is the name for which the certificate of the server behind a Service must be valid.
func hostOf(name, namespace string) string {
	return strings.Join([]string{name, namespace, "svc"}, ".")
}
