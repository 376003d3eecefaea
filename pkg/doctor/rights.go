package doctor

import (
	"context"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Right is one that Plimsoll's manifests grant, or that a reader of usage needs.
type Right struct {
	// Verb, Group, Resource (with a subresource after a slash), Namespace and Name are those of RBAC. Namespace and Name are empty for all.
	Verb, Group, Resource, Namespace, Name string
	// Certificate is true for rights that a server needs only where it makes its own serving certificate.
	Certificate bool
}

// String is the right as kubectl auth can-i takes it.
func (r Right) String() string {
	resource, subresource, _ := strings.Cut(r.Resource, "/")
	text := r.Verb + " " + resource
	if r.Group != "" {
		text += "." + r.Group
	}
	if subresource != "" {
		text += "/" + subresource
	}
	if r.Name != "" {
		text += " " + r.Name
	}
	if r.Namespace != "" {
		text += " in " + r.Namespace
	}
	return text
}

// RightFact is whether an account or a user has a right.
type RightFact struct {
	Right
	Allowed bool
	Err     error
}

// The ConfigMap from which an aggregated server learns how clients are authenticated.
const (
	authenticationNamespace = metav1.NamespaceSystem
	authenticationConfigMap = "extension-apiserver-authentication"
)

// ServerRights are what manifests/base grants to the account of a server behind a Service. A test compares them with the manifests.
func ServerRights(service types.NamespacedName) []Right {
	rights := []Right{
		{Verb: "list", Resource: "nodes"}, {Verb: "watch", Resource: "nodes"},
		{Verb: "list", Resource: "pods"}, {Verb: "watch", Resource: "pods"},
		{Verb: "get", Resource: "nodes/metrics"}, {Verb: "get", Resource: "nodes/stats"},
		{Verb: "create", Group: "authentication.k8s.io", Resource: "tokenreviews"},
		{Verb: "create", Group: "authorization.k8s.io", Resource: "subjectaccessreviews"},
	}
	for _, verb := range []string{"get", "list", "watch"} {
		rights = append(rights, Right{Verb: verb, Resource: "configmaps", Namespace: authenticationNamespace, Name: authenticationConfigMap})
	}
	for _, verb := range []string{"get", "update"} {
		rights = append(rights, Right{Verb: verb, Resource: "secrets", Namespace: service.Namespace, Name: service.Name + "-serving-certificate", Certificate: true})
	}
	for _, version := range versions {
		for _, verb := range []string{"get", "patch"} {
			rights = append(rights, Right{Verb: verb, Group: "apiregistration.k8s.io", Resource: "apiservices", Name: apiServiceName(version), Certificate: true})
		}
	}
	return rights
}

// UserRights are what kubectl top needs.
func UserRights() []Right {
	return []Right{
		{Verb: "get", Group: metricsGroup, Resource: "nodes"}, {Verb: "list", Group: metricsGroup, Resource: "nodes"},
		{Verb: "get", Group: metricsGroup, Resource: "pods"}, {Verb: "list", Group: metricsGroup, Resource: "pods"},
	}
}

func (r Right) attributes() *authorizationv1.ResourceAttributes {
	resource, subresource, _ := strings.Cut(r.Resource, "/")
	return &authorizationv1.ResourceAttributes{
		Verb: r.Verb, Group: r.Group, Resource: resource, Subresource: subresource, Namespace: r.Namespace, Name: r.Name,
	}
}

// reviewAccount asks the API server whether a service account has a right.
func (a *Access) reviewAccount(ctx context.Context, account types.NamespacedName, right Right) RightFact {
	review, err := a.core.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               "system:serviceaccount:" + account.Namespace + ":" + account.Name,
			Groups:             []string{"system:serviceaccounts", "system:serviceaccounts:" + account.Namespace, "system:authenticated"},
			ResourceAttributes: right.attributes(),
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return RightFact{Right: right, Err: err}
	}
	return RightFact{Right: right, Allowed: review.Status.Allowed}
}

// reviewSelf asks the API server whether the user of this command has a right.
func (a *Access) reviewSelf(ctx context.Context, right Right) RightFact {
	review, err := a.core.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: right.attributes()},
	}, metav1.CreateOptions{})
	if err != nil {
		return RightFact{Right: right, Err: err}
	}
	return RightFact{Right: right, Allowed: review.Status.Allowed}
}
