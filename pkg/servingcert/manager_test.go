package servingcert

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
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
