package certificates

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// installation is one of several in a cluster: it has a Service, a Secret and an APIService of its own.
type installation struct {
	service, version string
	server           *cluster.Server
}

func (i *installation) secret() string { return i.service + "-serving-certificate" }

// TestTwoInstallations has one installation serve v1, and another one v1beta1. Neither changes anything of the other, not even where the keys of one are
// made anew.
func TestTwoInstallations(t *testing.T) {
	resetSecret(t, nil)
	first := &installation{service: service, version: "v1", server: launch(t)}
	second := &installation{service: service + "-west", version: "v1beta1"}
	second.server = launch(t, "--serving-certificate-service="+namespace+"/"+second.service)
	second.admit(t)
	port := int32(second.server.Port)
	register(t, first.server, func(s *apiregistrationv1.APIService) {
		if s.Spec.Version == second.version {
			s.Spec.Service.Name, s.Spec.Service.Port = second.service, &port
		}
	})
	for _, pair := range [][2]*installation{{first, second}, {second, first}} {
		pair[0].awaitVerified(t)
		awaitLog(t, pair[0].server, "leads to another Service", objectName(pair[1].version), namespace+"/"+pair[1].service)
	}
	for _, pair := range [][2]*installation{{first, second}, {second, first}} {
		changed, other := pair[0], pair[1]
		before, otherBefore := changed.bundle(t), other.state(t)
		if _, err := env.Client.CoreV1().Secrets(namespace).Patch(t.Context(), changed.secret(), types.MergePatchType, []byte(`{"data":null}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		poll.Eventually(t, within, func(context.Context) error {
			if after := changed.bundle(t); bytes.Equal(after, before) || !bytes.Contains(after, before) {
				return fmt.Errorf("caBundle of %s has no new authority beside the one before", changed.version)
			}
			return nil
		})
		changed.awaitVerified(t)
		other.awaitVerified(t)
		if after := other.state(t); after != otherBefore {
			t.Errorf("new keys of %s have changed the objects of %s:\n%s\nbefore:\n%s", changed.service, other.service, after, otherBefore)
		}
	}
}

// admit gives an installation the Service, the Secret and the rights of the manifests, under names of its own. They go with the test.
func (i *installation) admit(t *testing.T) {
	t.Helper()
	createService(t, i.service)
	var own []string
	for _, document := range documents(t, "Role", "RoleBinding", "Secret") {
		if strings.Contains(document, secretName) {
			own = append(own, strings.ReplaceAll(document, secretName, i.secret()))
		}
	}
	if len(own) != 3 {
		t.Fatalf("%d objects, want a Role, its binding and the Secret: %s", len(own), own)
	}
	text := strings.Join(own, "\n---\n")
	apply(t, text)
	t.Cleanup(func() {
		if out, err := env.Run(context.WithoutCancel(t.Context()), text, "delete", "-f", "-"); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// awaitVerified waits until the API server serves the installation's version, over a connection that the authorities in its own Secret verify.
func (i *installation) awaitVerified(t *testing.T) {
	t.Helper()
	poll.Eventually(t, within, func(ctx context.Context) error {
		s, err := apiServices(t).Get(ctx, objectName(i.version), metav1.GetOptions{})
		if err != nil {
			return err
		}
		secret, err := env.Client.CoreV1().Secrets(namespace).Get(ctx, i.secret(), metav1.GetOptions{})
		if err != nil {
			return err
		}
		if !isAvailable(s) || !bytes.Equal(s.Spec.CABundle, secret.Data["ca.crt"]) {
			return fmt.Errorf("%s: available %t, with a caBundle of %d bytes and a Secret that has %d", s.Name, isAvailable(s), len(s.Spec.CABundle), len(secret.Data["ca.crt"]))
		}
		if _, err := dialAs(ctx, i.server, i.service+"."+namespace+".svc", s.Spec.CABundle); err != nil {
			return err
		}
		_, err = cluster.Fetch(ctx, env.AdminConfig(), "/apis/metrics.k8s.io/"+i.version+"/nodes")
		return err
	})
}

// bundle is caBundle of the installation's APIService.
func (i *installation) bundle(t *testing.T) []byte {
	t.Helper()
	s, err := apiServices(t).Get(t.Context(), objectName(i.version), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Spec.CABundle
}

// state is the version of the Secret, which every write changes, and caBundle.
func (i *installation) state(t *testing.T) string {
	t.Helper()
	secret, err := env.Client.CoreV1().Secrets(namespace).Get(t.Context(), i.secret(), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return secret.ResourceVersion + "\n" + string(i.bundle(t))
}
