package servingcert

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

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
