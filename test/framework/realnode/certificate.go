//go:build linux

package realnode

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// kubeletPort is the kubelet's default.
const kubeletPort = 10250

// ApproveCertificate approves the kubelet's request for a serving certificate, as an administrator would, and returns when the
// kubelet proves itself with it.
func (n *Node) ApproveCertificate(ctx context.Context) error {
	last := errors.New("the kubelet has not requested a certificate")
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		if err := n.approveRequests(ctx); err != nil {
			return false, err
		}
		last = n.verify(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("give the kubelet a certificate of the cluster: %w; last: %w", err, last)
	}
	return nil
}

func (n *Node) approveRequests(ctx context.Context) error {
	requests := n.client.CertificatesV1().CertificateSigningRequests()
	list, err := requests.List(ctx, metav1.ListOptions{FieldSelector: "spec.signerName=" + certificatesv1.KubeletServingSignerName})
	if err != nil {
		return fmt.Errorf("list certificate requests: %w", err)
	}
	for _, r := range list.Items {
		if r.Spec.Username != "system:node:"+n.options.Name || len(r.Status.Conditions) > 0 {
			continue
		}
		r.Status.Conditions = append(r.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
			Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "Approved", Message: "It is this node's own.",
		})
		if _, err := requests.UpdateApproval(ctx, r.Name, &r, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("approve certificate request %s: %w", r.Name, err)
		}
	}
	return nil
}

// verify wants a certificate of the cluster's authority that is valid for the node's address.
func (n *Node) verify(ctx context.Context) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(n.options.Plane.CABundle())
	dialer := &tls.Dialer{Config: &tls.Config{RootCAs: roots}}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(Address, strconv.Itoa(kubeletPort)))
	if err != nil {
		return fmt.Errorf("connect to the kubelet: %w", err)
	}
	return c.Close()
}
