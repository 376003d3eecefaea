package options

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
)

// reviewer is the transport to an API server that allows everything, unless it is away.
type reviewer struct{ away bool }

func (r *reviewer) RoundTrip(request *http.Request) (*http.Response, error) {
	if r.away {
		return nil, errors.New("connection refused")
	}
	return &http.Response{
		StatusCode: http.StatusCreated, Header: http.Header{"Content-Type": {"application/json"}}, Request: request,
		Body: io.NopCloser(strings.NewReader(`{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{"allowed":true}}`)),
	}, nil
}

// TestDecisionsOutliveTheAPIServer has the API server go away some time after a decision: it holds until it is as old as the flag's default allows, and
// no longer, whether or not it was used meanwhile.
func TestDecisionsOutliveTheAPIServer(t *testing.T) {
	for _, before := range []time.Duration{0, 30 * time.Second, 54 * time.Second} {
		t.Run(before.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &reviewer{}
				client, err := authorizationclient.NewForConfigAndClient(&rest.Config{Host: "https://test"}, &http.Client{Transport: server})
				if err != nil {
					t.Fatal(err)
				}
				o := NewOptions().Authorization
				a, err := authorizerfactory.DelegatingAuthorizerConfig{
					SubjectAccessReviewClient: client, AllowCacheTTL: o.AllowCacheTTL, DenyCacheTTL: o.DenyCacheTTL, WebhookRetryBackoff: o.WebhookRetryBackoff,
				}.New()
				if err != nil {
					t.Fatal(err)
				}
				allowed := func() bool {
					decision, _, _ := a.Authorize(t.Context(), authorizer.AttributesRecord{User: &user.DefaultInfo{Name: "autoscaler"}, Verb: "list", Resource: "pods", ResourceRequest: true})
					return decision == authorizer.DecisionAllow
				}
				got := []bool{allowed()}
				time.Sleep(before)
				server.away = true
				got = append(got, allowed())
				time.Sleep(time.Minute - before - time.Second)
				got = append(got, allowed())
				time.Sleep(2 * time.Second)
				got = append(got, allowed())
				if diff := cmp.Diff([]bool{true, true, true, false}, got); diff != "" {
					t.Errorf("allowed at first, when the API server has gone, a second before the minute is over and a second after (-want +got):\n%s", diff)
				}
			})
		})
	}
}
