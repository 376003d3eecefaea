package servingcert

import (
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

// TestLastFailures has requests fail for a minute, and then no longer.
func TestLastFailures(t *testing.T) {
	tests := []struct {
		name               string
		fail               func(*cluster)
		secrets, apiServer bool
	}{
		{"nothing", func(*cluster) {}, false, false},
		{"no right to read the Secret", func(c *cluster) { c.denied["get "+secretName] = true }, true, false},
		{"no right to write the Secret", func(c *cluster) { c.denied["update "+secretName] = true }, true, false},
		{"a Secret of another program", func(c *cluster) { c.secret.Type = corev1.SecretTypeOpaque }, true, false},
		{"no right to read an APIService", func(c *cluster) { c.denied["get "+versions[1]] = true }, false, true},
		{"no right to write caBundle", func(c *cluster) { c.denied["patch "+versions[0]] = true }, false, true},
		{"an API server that is away", func(c *cluster) { c.failing = errors.New("connection refused") }, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				tt.fail(c)
				replicas := []*Manager{c.newManager(t), c.newManager(t)} // Their conflicts are no failures.
				run(t, replicas...)
				<-time.After(time.Minute)
				c.mu.Lock()
				c.failing, c.secret.Type = nil, SecretType
				clear(c.denied)
				c.mu.Unlock()
				end := time.Now()
				<-time.After(10 * time.Minute)
				for _, m := range replicas {
					for resource, failed := range map[string]bool{secretResource: tt.secrets, apiServiceResource: tt.apiServer} {
						last := maps.Collect(m.LastFailures())[resource]
						age := end.Sub(time.Unix(last, 0))
						if failed && (age < 0 || age > time.Minute) || !failed && last != 0 {
							t.Errorf("a request about %s failed last at %d, %s before the end of the failures", resource, last, age)
						}
					}
				}
			})
		})
	}
}

// TestExpiry follows the certificate that is served, from the one of this process alone on.
func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		m := c.newManager(t)
		check := func(made time.Time) {
			t.Helper()
			serving, authority := m.Expiry()
			want := []time.Duration{short.Serving, short.Authority}
			if diff := cmp.Diff(want, []time.Duration{serving.Sub(made), authority.Sub(made)}); diff != "" {
				t.Errorf("valid after it was made (-want +got):\n%s", diff)
			}
		}
		check(time.Now())
		<-time.After(time.Minute)
		made := time.Now()
		run(t, m)
		synctest.Wait()
		check(made)
	})
}
