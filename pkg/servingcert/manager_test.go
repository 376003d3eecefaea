package servingcert

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

const host = "plimsoll.plimsoll-system.svc"

// run starts replicas that log to the result. They end with the test.
func run(t *testing.T, replicas ...*Manager) (logged func() []string) {
	logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true)))
	ctx, stop := context.WithCancel(klog.NewContext(t.Context(), logger))
	t.Cleanup(stop)
	for _, m := range replicas {
		go func() { _ = m.Start(ctx) }()
	}
	return func() []string {
		var lines []string
		for _, entry := range logger.GetSink().(ktesting.Underlier).GetBuffer().Data() {
			line := entry.Message
			if entry.Err != nil {
				line += fmt.Sprintf(" %v: %v", entry.ParameterKVList, entry.Err)
			}
			lines = append(lines, line)
		}
		return lines
	}
}

// verify returns why a client that trusts the bundle would refuse what a replica serves now.
func verify(m *Manager, bundle []byte) error {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(bundle) {
		return errors.New("there is no authority")
	}
	pair, err := tls.X509KeyPair(m.CurrentCertKeyContent())
	if err != nil {
		return err
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool, CurrentTime: time.Now()})
	return err
}

// listener counts how often the library was notified.
type listener struct{ atomic.Int32 }

func (l *listener) Enqueue() { l.Add(1) }

// TestFirstStart begins with what kubectl apply has made of the manifests, also over an installation whose certificates were not verified.
func TestFirstStart(t *testing.T) {
	for _, insecure := range []bool{false, true} {
		t.Run(fmt.Sprint(insecure), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				c.edit(versions[1], func(s *apiregistrationv1.APIServiceSpec) { s.InsecureSkipTLSVerify = insecure })
				m := c.newManager(t)
				var l listener
				m.AddListener(&l)
				if err := m.ReadyCheck().Check(nil); err == nil {
					t.Error("ready before the Secret was read")
				}
				if certificate, key := m.CurrentCertKeyContent(); len(certificate) == 0 || len(key) == 0 {
					t.Error("nothing to serve with before the Secret was read, not even to probes")
				}
				logged := run(t, m)
				synctest.Wait()
				for _, name := range versions {
					if err := verify(m, c.bundle(name)); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
				if c.services[versions[1]].Spec.InsecureSkipTLSVerify {
					t.Error("verification is still skipped")
				}
				if err := m.ReadyCheck().Check(nil); err != nil || l.Load() == 0 {
					t.Errorf("not ready: %v, and the library was notified %d times", err, l.Load())
				}
				<-time.After(5 * time.Minute)
				synctest.Wait()
				want := map[string]int{"update " + secretName: 1, "patch " + versions[0]: 1, "patch " + versions[1]: 1}
				if diff := cmp.Diff(want, c.writes); diff != "" {
					t.Errorf("writes (-want +got):\n%s", diff)
				}
				if got := len(logged()); got != 4 {
					t.Errorf("%d lines in the log:\n%s", got, strings.Join(logged(), "\n"))
				}
			})
		})
	}
}

// TestSecrets begins with each kind of Secret that there may be.
func TestSecrets(t *testing.T) {
	tests := []struct {
		name   string
		change func(*cluster)
		// served is whether a shared certificate is served, kept whether the Secret is as it was.
		served, kept bool
		// logged is a part of the first line of the log.
		logged string
	}{
		{"empty", func(*cluster) {}, true, false, "Stored a certificate"},
		{"none", func(c *cluster) { c.secret = nil }, true, false, "Stored a certificate"},
		{
			"none, and no right to create it", func(c *cluster) { c.secret = nil; c.denied["create "+secretName] = true }, false, true,
			"[verb create resource secrets name plimsoll-serving-certificate]",
		},
		{"another server's", func(c *cluster) {
			c.secret.Type = corev1.SecretTypeTLS
			c.secret.Data = map[string][]byte{"tls.crt": []byte("x"), "tls.key": []byte("y")}
		}, false, true, foreignSecret},
		{"another server's, and empty", func(c *cluster) { c.secret.Type = corev1.SecretTypeOpaque }, false, true, foreignSecret},
		{"content that cannot be used", func(c *cluster) { c.secret.Data = map[string][]byte{"ca.crt": []byte("x"), "note": []byte("y")} }, true, false, unusableSecret},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				tt.change(c)
				before := c.secret.DeepCopy()
				m := c.newManager(t)
				logged := run(t, m)
				synctest.Wait()
				if got := verify(m, c.bundle(versions[0])) == nil; got != tt.served {
					t.Errorf("a shared certificate is served: %t, want %t", got, tt.served)
				}
				if got := cmp.Equal(before, c.secret); got != tt.kept {
					t.Errorf("the Secret is as it was: %t, want %t", got, tt.kept)
				}
				if before != nil && string(c.secret.Data["note"]) != string(before.Data["note"]) {
					t.Error("a key that is not Plimsoll's is gone")
				}
				if err := m.ReadyCheck().Check(nil); (err == nil) != tt.served {
					t.Errorf("ready: %v, and a shared certificate is served: %t", err, tt.served)
				}
				if got := logged()[0]; !strings.Contains(got, tt.logged) {
					t.Errorf("logged %q, want %q", got, tt.logged)
				}
			})
		})
	}
}

// TestMissingRight denies each request that the manifests allow. The log names what is missing, once. Without a right to the Secret the server is not
// ready, because the API server would refuse its certificate.
func TestMissingRight(t *testing.T) {
	for _, right := range []string{"get " + secretName, "update " + secretName, "get " + versions[1], "patch " + versions[0]} {
		t.Run(right, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				c.denied[right] = true
				m := c.newManager(t)
				logged := run(t, m)
				synctest.Wait()
				verb, name, _ := strings.Cut(right, " ")
				want := fmt.Sprintf("[verb %s resource ", verb)
				var found int
				for _, line := range logged() {
					if strings.Contains(line, want) && strings.Contains(line, "name "+name+"]") && strings.Contains(line, "rant the right") {
						found++
					}
				}
				if found != 1 {
					t.Errorf("%d lines say which right is missing:\n%s", found, strings.Join(logged(), "\n"))
				}
				if err := m.ReadyCheck().Check(nil); (err == nil) == strings.HasSuffix(right, secretName) {
					t.Errorf("ready: %v", err)
				}
				lines := len(logged())
				<-time.After(5 * time.Minute)
				if got := len(logged()); got != lines {
					t.Errorf("%d lines more in five minutes", got-lines)
				}
				c.mu.Lock()
				delete(c.denied, right)
				c.mu.Unlock()
				<-time.After(2 * time.Minute)
				for _, name := range versions {
					if err := verify(m, c.bundle(name)); err != nil {
						t.Errorf("with the right, %s: %v", name, err)
					}
				}
			})
		})
	}
}

// TestUnverifiedAsBefore has no right to the Secret, and an API server that does not verify: the server is ready, and changes nothing.
func TestUnverifiedAsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		for _, name := range versions {
			c.edit(name, func(s *apiregistrationv1.APIServiceSpec) { s.InsecureSkipTLSVerify = true })
		}
		c.denied["get "+secretName] = true
		m := c.newManager(t)
		run(t, m)
		synctest.Wait()
		if err := m.ReadyCheck().Check(nil); err != nil {
			t.Errorf("not ready: %v", err)
		}
		if len(c.writes) > 0 {
			t.Errorf("changed %v", c.writes)
		}
	})
}

// TestAloneIsRenewed has no right to the Secret for longer than a certificate is valid.
func TestAloneIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		c.denied["get "+secretName] = true
		m := c.newManager(t)
		run(t, m)
		<-time.After(10 * time.Hour)
		if end := m.current.Load().serving.NotAfter; !end.After(time.Now()) {
			t.Errorf("the certificate of this process alone has ended at %s", end)
		}
	})
}

// TestReplicasStartAtOnce has five replicas find an empty Secret.
func TestReplicasStartAtOnce(t *testing.T) {
	for _, absent := range []bool{false, true} {
		t.Run(fmt.Sprint(absent), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				if absent {
					c.secret = nil
				}
				var replicas []*Manager
				for range 5 {
					replicas = append(replicas, c.newManager(t))
				}
				logged := run(t, replicas...)
				<-time.After(time.Minute)
				for n, m := range replicas {
					if err := verify(m, c.bundle(versions[0])); err != nil {
						t.Errorf("replica %d: %v", n, err)
					}
					if got, _ := m.CurrentCertKeyContent(); !bytes.Equal(got, c.data()["tls.crt"]) {
						t.Errorf("replica %d serves another certificate than the Secret has", n)
					}
				}
				if n := c.written("update "+secretName) + c.written("create "+secretName); n != 1 {
					t.Errorf("the Secret was written %d times", n)
				}
				for _, line := range logged() {
					if strings.Contains(line, requestFailed) {
						t.Errorf("a conflict was logged: %s", line)
					}
				}
			})
		})
	}
}

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

// TestRotation has two replicas go through several authorities. A client never refuses one of them: not with the newest caBundle, and not with that of a
// few seconds before, which an API server may still use.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		c.lifetimes = Lifetimes{Authority: time.Hour, Serving: 15 * time.Minute, Overlap: 2 * time.Minute, Backdate: time.Hour}
		replicas := []*Manager{c.newManager(t), c.newManager(t)}
		run(t, replicas...)
		<-time.After(time.Minute)
		emptied := []time.Duration{100 * time.Minute, 100*time.Minute + 30*time.Second, 2 * time.Hour}
		authorities, servings, lagging := map[string]bool{}, map[string]bool{}, c.bundle(versions[0])
		verified := map[string]time.Duration{} // when each certificate was last verified with each caBundle
		for at := time.Duration(0); at < 3*time.Hour; at += 5 * time.Second {
			if len(emptied) > 0 && at >= emptied[0] {
				c.empty()
				emptied = emptied[1:]
			}
			newest := c.bundle(versions[0])
			for n, m := range replicas {
				served, _ := m.CurrentCertKeyContent()
				for name, bundle := range map[string][]byte{"newest": newest, "lagging": lagging} {
					key := string(served) + string(bundle)
					if last, ok := verified[key]; ok && at-last < time.Minute {
						continue
					}
					verified[key] = at
					if err := verify(m, bundle); err != nil {
						t.Fatalf("after %s, replica %d with the %s caBundle: %v", at, n, name, err)
					}
				}
			}
			authorities[string(c.data()["ca.key"])], servings[string(c.data()["tls.key"])] = true, true
			lagging = newest
			<-time.After(5 * time.Second)
		}
		if len(authorities) < 6 || len(servings) < 15 {
			t.Errorf("%d authorities and %d serving certificates in three hours", len(authorities), len(servings))
		}
		if s, err := decode(c.data()); err != nil || len(s.authorities) > 2 {
			t.Errorf("caBundle has %d authorities at the end, %v", len(s.authorities), err)
		}
		if n := c.written("update " + secretName); n > 60 {
			t.Errorf("the Secret was written %d times", n)
		}
	})
}

// TestEmptiedSecretMakesAllKeysNew is how a person replaces keys that were stolen: the old authority is not trusted for longer than Overlap.
func TestEmptiedSecretMakesAllKeysNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		m := c.newManager(t)
		run(t, m)
		synctest.Wait()
		before, stolen := c.data(), m.current.Load()
		c.empty()
		<-time.After(short.Overlap + time.Minute)
		for _, key := range []string{"ca.key", "tls.key"} {
			if bytes.Equal(before[key], c.data()[key]) {
				t.Errorf("%s is the one before", key)
			}
		}
		if holds(c.bundle(versions[0]), stolen.authorities[0]) {
			t.Error("the authority before is still trusted")
		}
		if err := verify(m, c.bundle(versions[0])); err != nil {
			t.Error(err)
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

// TestNewAuthorityIsGivenTime has a replica find a new authority in caBundle that another one has just written there: API servers may not have noticed it,
// so the replica serves on with the certificate before until its next synchronization.
func TestNewAuthorityIsGivenTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		first, second := c.newManager(t), c.newManager(t)
		sync := func(m *Manager) {
			t.Helper()
			if err := m.sync(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		sync(first)
		sync(second)
		before := c.bundle(versions[0])
		c.empty()
		sync(first)
		sync(second)
		for n, m := range []*Manager{first, second} {
			if err := verify(m, before); err != nil {
				t.Errorf("replica %d serves a certificate of the new authority already: %v", n, err)
			}
		}
		sync(first)
		sync(first)
		sync(second)
		for n, m := range []*Manager{first, second} {
			if verify(m, before) == nil || verify(m, c.bundle(versions[0])) != nil {
				t.Errorf("replica %d does not serve a certificate of the new authority", n)
			}
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
