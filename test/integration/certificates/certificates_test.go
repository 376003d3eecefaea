package certificates

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestVerifiedOutOfTheBox begins with what kubectl apply makes of the manifests, and with what it finds of an installation that skipped verification.
func TestVerifiedOutOfTheBox(t *testing.T) {
	tests := []struct {
		name   string
		change func(*apiregistrationv1.APIService)
	}{
		{"new", unchanged},
		{"verification was skipped", func(s *apiregistrationv1.APIService) { s.Spec.InsecureSkipTLSVerify = true }},
		{"caBundle of another server", func(s *apiregistrationv1.APIService) { s.Spec.CABundle = env.CABundle() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resetSecret(t, nil)
			server := launch(t)
			register(t, server, tt.change)
			awaitVerified(t, server)
			awaitReady(t, server, true)
			// An authority that no server holds any more is not trusted any longer.
			await(t, server, 1, func(*x509.Certificate) bool { return true })
		})
	}
}

// TestReplicasShareOneCertificate starts two servers at once.
func TestReplicasShareOneCertificate(t *testing.T) {
	resetSecret(t, nil)
	first, second := launch(t), launch(t)
	register(t, first, unchanged)
	awaitVerified(t, first)
	poll.Eventually(t, within, func(ctx context.Context) error {
		data, err := secretData(ctx)
		if err != nil {
			return err
		}
		shown, err := dial(ctx, second, data["ca.crt"])
		if err != nil {
			return err
		}
		if block, _ := pem.Decode(data["tls.crt"]); block == nil || !bytes.Equal(block.Bytes, shown.Raw) {
			return errors.New("the second server shows another certificate than the Secret has")
		}
		return nil
	})
	awaitReady(t, second, true)
}

// TestBundleIsOverwritten has another client replace caBundle, as a GitOps tool does.
func TestBundleIsOverwritten(t *testing.T) {
	resetSecret(t, nil)
	server := launch(t)
	register(t, server, unchanged)
	awaitVerified(t, server)
	for range 2 {
		patch := fmt.Appendf(nil, `{"spec":{"caBundle":%q}}`, "QmFnIG9mIGJ5dGVz")
		if _, err := apiServices(t).Patch(t.Context(), objectName("v1"), types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		awaitVerified(t, server)
	}
	awaitLog(t, server, "Another client has replaced caBundle", "v1.metrics.k8s.io")
}

// TestApplyAgain applies the APIServices and the Secret of the manifests as kubectl does: first as they were when verification was skipped, then as they
// are now, twice. What Plimsoll has written stays.
func TestApplyAgain(t *testing.T) {
	resetSecret(t, nil)
	server := launch(t)
	register(t, server, unchanged)
	for _, version := range versions {
		unregister(t, version)
	}
	manifests := rendered(t, server.Port)
	apply(t, skipping(manifests))
	awaitVerified(t, server)
	before, err := secretData(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		apply(t, manifests)
		awaitVerified(t, server)
	}
	if after, err := secretData(t.Context()); err != nil || !bytes.Equal(before["tls.crt"], after["tls.crt"]) {
		t.Errorf("kubectl apply has changed the content of the Secret: %v", err)
	}
}

// rendered are the APIServices and the Secret of the manifests, with the port of a server on loopback.
func rendered(t *testing.T, port int) string {
	t.Helper()
	selected := documents(t, "APIService", "Secret")
	if len(selected) != len(versions)+1 {
		t.Fatalf("%d objects, want the APIServices and the Secret: %s", len(selected), selected)
	}
	return strings.ReplaceAll(strings.Join(selected, "\n---\n"), "port: 443", fmt.Sprint("port: ", port))
}

// documents are those of the manifests that are of some kinds.
func documents(t *testing.T, kinds ...string) (selected []string) {
	t.Helper()
	base, err := env.Base(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := env.Run(t.Context(), "", "kustomize", base)
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(all, "\n---\n") {
		for _, kind := range kinds {
			if strings.Contains("\n"+document, "\nkind: "+kind+"\n") {
				selected = append(selected, document)
			}
		}
	}
	return selected
}

// apply runs kubectl apply on documents.
func apply(t *testing.T, text string) {
	t.Helper()
	if out, err := env.Run(t.Context(), text, "apply", "-f", "-"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// skipping has APIServices of the manifests skip verification, as they did once.
func skipping(manifests string) string {
	return strings.ReplaceAll(manifests, "  groupPriorityMinimum:", "  insecureSkipTLSVerify: true\n  groupPriorityMinimum:")
}

// TestForeignSecret leaves a Secret of another program as it is.
func TestForeignSecret(t *testing.T) {
	data := map[string][]byte{"tls.crt": []byte("x"), "tls.key": []byte("y")}
	resetSecret(t, &corev1.Secret{Type: corev1.SecretTypeTLS, Data: data})
	server := launch(t)
	register(t, server, unchanged)
	awaitLog(t, server, "belongs to another program", secretName, "kubernetes.io/tls")
	awaitReady(t, server, false)
	if got, err := secretData(t.Context()); err != nil || string(got["tls.crt"]) != "x" {
		t.Errorf("the Secret was changed: %v", err)
	}
	resetSecret(t, nil)
	awaitVerified(t, server)
}

// TestForeignAPIService leaves an APIService alone that leads to another server.
func TestForeignAPIService(t *testing.T) {
	resetSecret(t, nil)
	server := launch(t)
	register(t, server, func(s *apiregistrationv1.APIService) {
		if s.Spec.Version == "v1beta1" {
			s.Spec.Service.Name, s.Spec.InsecureSkipTLSVerify = "metrics-server", true
		}
	})
	awaitLog(t, server, "leads to another Service", "v1beta1.metrics.k8s.io", "plimsoll-system/metrics-server")
	poll.Eventually(t, within, func(ctx context.Context) error {
		own, err := apiServices(t).Get(ctx, objectName("v1"), metav1.GetOptions{})
		if err != nil {
			return err
		}
		_, err = dial(ctx, server, own.Spec.CABundle)
		return err
	})
	foreign, err := apiServices(t).Get(t.Context(), objectName("v1beta1"), metav1.GetOptions{})
	if err != nil || len(foreign.Spec.CABundle) > 0 || !foreign.Spec.InsecureSkipTLSVerify {
		t.Errorf("the APIService of another server was changed: %+v, %v", foreign.Spec, err)
	}
}
