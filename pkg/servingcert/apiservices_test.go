package servingcert

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// TestForeignAPIService leaves an APIService alone that leads to another server, and says so once.
func TestForeignAPIService(t *testing.T) {
	for name, to := range map[string]*apiregistrationv1.ServiceReference{
		"another installation": {Namespace: "other", Name: service}, "another server": {Namespace: namespace, Name: "metrics-server"}, "the API server": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				c.edit(versions[1], func(s *apiregistrationv1.APIServiceSpec) { s.Service, s.InsecureSkipTLSVerify = to, to != nil })
				before := c.services[versions[1]].DeepCopy()
				m := c.newManager(t)
				logged := run(t, m)
				<-time.After(9 * time.Minute)
				synctest.Wait()
				if diff := cmp.Diff(before, c.services[versions[1]]); diff != "" {
					t.Errorf("the APIService of another server was changed:\n%s", diff)
				}
				if err := verify(m, c.bundle(versions[0])); err != nil {
					t.Error(err)
				}
				if n := strings.Count(strings.Join(logged(), "\n"), foreignAPIService); n != 1 {
					t.Errorf("logged %d times:\n%s", n, strings.Join(logged(), "\n"))
				}
			})
		})
	}
}

// TestOneVersionIsRegistered writes caBundle of the one APIService that there is.
func TestOneVersionIsRegistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		delete(c.services, versions[0])
		m := c.newManager(t)
		run(t, m)
		synctest.Wait()
		if err := verify(m, c.bundle(versions[1])); err != nil {
			t.Error(err)
		}
	})
}

// TestBundleIsOverwritten has another client replace caBundle each second for an hour, as a GitOps tool does.
func TestBundleIsOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		m := c.newManager(t)
		logged := run(t, m)
		for range 3600 {
			<-time.After(time.Second)
			c.edit(versions[0], func(s *apiregistrationv1.APIServiceSpec) { s.CABundle = []byte("from the repository") })
		}
		if n := c.written("patch " + versions[0]); n < 250 || n > 361 {
			t.Errorf("caBundle was written %d times in an hour", n)
		}
		// Once in ten minutes, and each time that Plimsoll itself has changed caBundle another line.
		if n := strings.Count(strings.Join(logged(), "\n"), overwrittenBundle); n < 5 || n > 7 {
			t.Errorf("logged %d times in an hour", n)
		}
		// The metric shows it too, for an alert: the API server refuses the certificate between the two writes.
		if last := maps.Collect(m.LastFailures()); time.Since(time.Unix(last[apiServiceResource], 0)) > 15*time.Second || last[secretResource] != 0 {
			t.Errorf("the last failures were at %v, and now it is %d", last, time.Now().Unix())
		}
		<-time.After(15 * time.Second)
		if err := verify(m, c.bundle(versions[0])); err != nil {
			t.Error(err)
		}
	})
}

// TestAPIServerIsAway fails all requests for a while, at the start and later.
func TestAPIServerIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		c.failing = errors.New("connection refused")
		m := c.newManager(t)
		logged := run(t, m)
		<-time.After(5 * time.Minute)
		if err := m.ReadyCheck().Check(nil); err == nil || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("ready: %v", err)
		}
		set := func(err error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.failing = err
		}
		set(nil)
		<-time.After(2 * time.Minute)
		if err := m.ReadyCheck().Check(nil); err != nil {
			t.Error(err)
		}
		set(errors.New("connection reset"))
		<-time.After(5 * time.Minute)
		if err := m.ReadyCheck().Check(nil); err != nil {
			t.Errorf("an API server that is away later: %v", err)
		}
		if err := verify(m, c.bundle(versions[0])); err != nil {
			t.Error(err)
		}
		if n := strings.Count(strings.Join(logged(), "\n"), requestFailed); n > 2*(len(versions)+1) {
			t.Errorf("logged %d times:\n%s", n, strings.Join(logged(), "\n"))
		}
	})
}

// TestInstallationsAreApart has two servers in two namespaces, of which the APIServices name one.
func TestInstallationsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mine, other := newCluster(), newCluster()
		other.services = maps.Clone(mine.services)
		first, second := mine.newManager(t), other.newManager(t)
		second.config.Service.Namespace = "elsewhere"
		run(t, first, second)
		<-time.After(time.Minute)
		if err := verify(first, mine.bundle(versions[0])); err != nil {
			t.Error(err)
		}
		if n := other.written("patch " + versions[0]); n != 0 {
			t.Errorf("the second installation has written caBundle %d times", n)
		}
		if err := second.ReadyCheck().Check(nil); err != nil {
			t.Errorf("the second installation is not ready: %v", err)
		}
	})
}

// TestUnreadAPIServiceTrustsNothing has one of the two APIServices forbidden: what it trusts is not known.
func TestUnreadAPIServiceTrustsNothing(t *testing.T) {
	c := newCluster()
	m := c.newManager(t)
	if err := m.sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, denied := range []bool{false, true} {
		c.denied["get "+versions[1]] = denied
		services, problems := m.readAPIServices(t.Context())
		if got := services.allHave(m.latest.authorities[0]); got == denied || (len(problems) > 0) != denied {
			t.Errorf("denied %t: trusted %t, %v", denied, got, problems)
		}
	}
}
