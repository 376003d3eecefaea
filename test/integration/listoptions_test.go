package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestListOptionsAreThoseOfKubernetes sends the same options to the pods of the core API and to those of metrics.k8s.io, and compares the code, the reason, and
// whether there is a page. Both are lists of the same 300 pods.
func TestListOptionsAreThoseOfKubernetes(t *testing.T) {
	const missing = "410 Expired" // Plimsoll keeps the newest usage alone.
	tests := []struct {
		query string
		// differs is what Plimsoll responds where that is not the same.
		differs string
	}{
		{"", ""},
		{"resourceVersion=0", ""},
		{"resourceVersion=1", ""},
		{"resourceVersion=1&resourceVersionMatch=NotOlderThan", ""},
		{"resourceVersion=0&resourceVersionMatch=NotOlderThan", ""},
		{"resourceVersion=9007199254740991&resourceVersionMatch=NotOlderThan", ""},
		{"resourceVersion=9007199254740991", ""},
		{"resourceVersion=abc", ""},
		{"resourceVersion=-1", ""},
		{"resourceVersion=1.5&resourceVersionMatch=NotOlderThan", ""},
		{"resourceVersionMatch=NotOlderThan", ""},
		{"resourceVersionMatch=Exact", ""},
		{"resourceVersion=0&resourceVersionMatch=Exact", ""},
		{"resourceVersion=NOW&resourceVersionMatch=Exact", missing},
		{"resourceVersion=1&resourceVersionMatch=Newest", ""},
		{"sendInitialEvents=true", ""},
		{"limit=2", ""},
		{"limit=300", ""},
		{"limit=301", ""},
		{"limit=-1", ""},
		{"limit=abc", ""},
		{"limit=2&resourceVersion=0", ""},
		{"limit=2&continue=TOKEN", ""},
		{"continue=TOKEN", ""},
		{"limit=2&continue=TOKEN&resourceVersion=0", ""},
		{"limit=2&continue=TOKEN&resourceVersion=1", ""},
		{"limit=2&continue=TOKEN&resourceVersion=1&resourceVersionMatch=NotOlderThan", ""},
		{"limit=2&continue=abc", ""},
		{"limit=2&continue=e30", ""},
		{"labelSelector=a%3D%3D%3D", ""},
		{"labelSelector=app+in+(populated)", ""},
		{"labelSelector=!app", ""},
		{"labelSelector=app%3Dpopulated&limit=2", ""},
		{"fieldSelector=a", ""},
		{"fieldSelector=metadata.name%3Dnone", ""},
	}
	core, metrics := env.Client.CoreV1().RESTClient(), env.Metrics.MetricsV1().RESTClient()
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				want, err := outcome(ctx, core, tt.query)
				if err != nil {
					return err
				}
				if tt.differs != "" {
					want = tt.differs
				}
				got, err := outcome(ctx, metrics, tt.query)
				if err == nil && got != want {
					err = fmt.Errorf("metrics.k8s.io: %s, want %s", got, want)
				}
				return err
			})
		})
	}
}

// outcome lists the pods of team-3 and tells what came: code and reason of a refusal, or how many pods, whether more follow, and how many these are. In the query TOKEN
// stands for that of a first page of two, and NOW for its resource version.
func outcome(ctx context.Context, client rest.Interface, query string) (string, error) {
	first, err := listed(ctx, client, "limit=2")
	if err != nil {
		return "", err
	}
	list, err := listed(ctx, client, strings.NewReplacer("TOKEN", first.Continue, "NOW", first.ResourceVersion).Replace(query))
	var status apierrors.APIStatus
	switch {
	case errors.As(err, &status):
		return fmt.Sprint(status.Status().Code, " ", status.Status().Reason), nil
	case err != nil:
		return "", err
	}
	text := fmt.Sprintf("%d pods, more: %t", len(list.Items), list.Continue != "")
	if list.RemainingItemCount != nil {
		text += fmt.Sprint(", ", *list.RemainingItemCount)
	}
	return text, nil
}

func listed(ctx context.Context, client rest.Interface, query string) (*metav1.PartialObjectMetadataList, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	request := client.Get().Namespace("team-3").Resource("pods").SetHeader("Accept", "application/json").MaxRetries(0)
	for name := range values {
		request.Param(name, values.Get(name))
	}
	result := request.Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err
	}
	body, err := result.Raw()
	if err != nil {
		return nil, err
	}
	list := &metav1.PartialObjectMetadataList{}
	return list, json.Unmarshal(body, list)
}
