package apiserver_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	genericfeatures "k8s.io/apiserver/pkg/features"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	featuregatetesting "k8s.io/component-base/featuregate/testing"
)

// expiredNodes and expiredPods are the messages of a cluster that was served, and of which nothing has usage any more.
type (
	expiredNodes struct{ nodeMessages }
	expiredPods  struct{ podMessages }
)

func (expiredNodes) Expired() error { return errExpired }
func (expiredPods) Expired() error  { return errExpired }

var errExpired = errors.New("no node has been scraped for ten minutes")

// TestWatchIsRefused has watches refused before they begin, as lists are.
func TestWatchIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		code        int
		reason      metav1.StatusReason
	}{
		{"what is no resource version", "resourceVersion=abc", http.StatusBadRequest, metav1.StatusReasonBadRequest},
		{"everything, of which nothing has usage any more", "", http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable},
		{
			"the same with bookmarks", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
			http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, config := newStoredCluster(), fakeCluster{}.config()
			c.clock.Step(time.Hour)
			config.Extra.Home = watchedReaders(t, c)
			config.Extra.Home.NodeMessages, config.Extra.Home.PodMessages = expiredNodes{}, expiredPods{}
			h := handler(t, config)
			for _, path := range []string{"v1/nodes", "v1beta1/pods"} {
				response := get(t.Context(), h, apisMetrics+path+"?watch=true&timeoutSeconds=1&"+tt.query, asJSON)
				var status metav1.Status
				if err := json.NewDecoder(response.Body).Decode(&status); err != nil {
					t.Fatal(err)
				}
				if response.Code != tt.code || status.Reason != tt.reason || tt.code == http.StatusServiceUnavailable && response.Header().Get("Retry-After") == "" {
					t.Errorf("%s: %d %+v", path, response.Code, status)
				}
			}
		})
	}
}

// TestWatchBeginsWithEverything has a watch without a version begin with what is served, whether or not the library asks for that in its place.
func TestWatchBeginsWithEverything(t *testing.T) {
	for _, asked := range []bool{true, false} {
		featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, genericfeatures.WatchList, asked)
		config := fakeCluster{}.config()
		config.Extra.Home = watchedReaders(t, newStoredCluster())
		h := handler(t, config)
		for _, version := range []string{"", "0"} {
			response := get(t.Context(), h, apisMetrics+"v1/nodes?watch=true&timeoutSeconds=1&resourceVersion="+version, asJSON)
			var e metav1.WatchEvent
			if err := json.NewDecoder(response.Body).Decode(&e); err != nil || e.Type != "ADDED" {
				t.Errorf("asked by the library: %t, version %q: %d %s: %v", asked, version, response.Code, e.Type, err)
			}
		}
	}
}
