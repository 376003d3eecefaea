package certificates

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// withoutRights deletes what docs/certificates.md says that nothing needs after a change to certificates of others, and checks that Plimsoll had rights on
// Secrets and APIServices and has none. All of it comes back with the end of the test.
func withoutRights(t *testing.T) {
	t.Helper()
	resetSecret(t, nil)
	if had := rights(t); !slices.Contains(had, "get secrets "+secretName) || !slices.Contains(had, "patch apiservices "+objectName("v1")) {
		t.Fatalf("the rights of the manifests are not found among %q", had)
	}
	back := strings.Join(documents(t, append(rightsKinds, "Secret")...), "\n---\n")
	t.Cleanup(func() {
		if out, err := env.Run(context.WithoutCancel(t.Context()), back, "apply", "-f", "-"); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	kubectl(t, "delete", "clusterrole,clusterrolebinding", "system:plimsoll:serving-certificate")
	kubectl(t, "-n", namespace, "delete", "role,rolebinding,secret", secretName)
	poll.Eventually(t, within, func(context.Context) error {
		if has := rights(t); len(has) > 0 {
			return fmt.Errorf("Plimsoll still may %q", has)
		}
		return nil
	})
}

// rights are those that Plimsoll has on Secrets and APIServices, as "verb resource name".
func rights(t *testing.T) (allowed []string) {
	t.Helper()
	asked := []authorizationv1.ResourceAttributes{
		{Namespace: namespace, Resource: "secrets"},
		{Namespace: namespace, Resource: "secrets", Name: secretName},
		{Namespace: namespace, Resource: "secrets", Name: mountedSecret},
		{Group: "apiregistration.k8s.io", Resource: "apiservices"},
		{Group: "apiregistration.k8s.io", Resource: "apiservices", Name: objectName("v1")},
		{Group: "apiregistration.k8s.io", Resource: "apiservices", Name: objectName("v1beta1")},
	}
	for _, a := range asked {
		for _, a.Verb = range []string{"get", "list", "watch", "create", "update", "patch", "delete"} {
			review, err := env.Client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{
				Spec: authorizationv1.SubjectAccessReviewSpec{
					User: "system:serviceaccount:" + namespace + ":plimsoll", Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
					ResourceAttributes: &a,
				},
			}, metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if review.Status.Allowed {
				allowed = append(allowed, strings.Join([]string{a.Verb, a.Resource, a.Name}, " "))
			}
		}
	}
	return allowed
}
