package servingcert

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// setAvailable sets the condition that the API server keeps.
func (c *cluster) setAvailable(name string, status apiregistrationv1.ConditionStatus, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.services[name].Status.Conditions = []apiregistrationv1.APIServiceCondition{
		{Type: apiregistrationv1.Available, Status: status, Reason: reason, Message: "of " + name},
	}
}

// TestAvailable has the API server find the APIServices available, not, and again. What lasts is logged once, and a start is not.
func TestAvailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		c.setAvailable(versions[0], apiregistrationv1.ConditionFalse, "MissingEndpoints")
		m := c.newManager(t)
		logged := run(t, m)
		check := func(when string, want map[string]bool, lines ...string) {
			t.Helper()
			if diff := cmp.Diff(want, maps.Collect(m.Available())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
			text := strings.Join(logged(), "\n")
			if n := strings.Count(text, "reach the metrics API") + strings.Count(text, "reaches the metrics API"); n != len(lines) {
				t.Errorf("%s: logged %d lines, want %d:\n%s", when, n, len(lines), text)
			}
			for _, line := range lines {
				if !strings.Contains(text, line) {
					t.Errorf("%s: the log has no %q:\n%s", when, line, text)
				}
			}
		}
		<-time.After(15 * time.Second)
		check("at the start", map[string]bool{versions[0]: false})
		for _, name := range versions {
			c.setAvailable(name, apiregistrationv1.ConditionTrue, "Passed")
		}
		<-time.After(15 * time.Second)
		check("later", map[string]bool{versions[0]: true, versions[1]: true})
		c.setAvailable(versions[1], apiregistrationv1.ConditionFalse, "FailedDiscoveryCheck")
		<-time.After(9 * time.Minute)
		check("unreachable", map[string]bool{versions[0]: true, versions[1]: false}, "does not reach")
		c.setAvailable(versions[1], apiregistrationv1.ConditionTrue, "Passed")
		c.edit(versions[0], func(s *apiregistrationv1.APIServiceSpec) { s.Service.Name = "metrics-server" })
		<-time.After(15 * time.Second)
		check("reached again", map[string]bool{versions[1]: true}, "does not reach", "reaches the metrics API again")
	})
}
