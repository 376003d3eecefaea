package cluster

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// authenticate accepts the clients that a kubelet with webhook authentication accepts: those with a certificate of this cluster, or a token
// that the API server accepts.
func (c *Cluster) authenticate() func(*http.Request) int {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.CABundle())
	certificate := fleet.ClientCertificate(roots)
	return func(r *http.Request) int {
		token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if found && c.isValid(r.Context(), token) {
			return http.StatusOK
		}
		return certificate(r)
	}
}

// isValid has the API server review a token. Where it does not respond, no token is valid.
func (c *Cluster) isValid(ctx context.Context, token string) bool {
	review, err := c.Client.AuthenticationV1().TokenReviews().Create(ctx,
		&authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	return err == nil && review.Status.Authenticated
}
