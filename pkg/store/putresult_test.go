package store

import "testing"

func TestPutResultCountsThePodsOfItsNode(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	b.run("n", "half", "u", "a", "b")
	b.run("other", "foreign", "u", "a")
	scrape := func() PutResult {
		b.advance(15)
		c := b.use("a", b.clock.Since(start).Seconds()/10, 7)
		return b.put("n", pods(named("p", c), named("half", c), named("foreign", c), named("unknown", c)))
	}
	if s := scrape(); s.Pods != 2 || s.Complete != 0 {
		t.Errorf("after one scrape: %d pods, %d of them complete, want 2 and 0", s.Pods, s.Complete)
	}
	if s := scrape(); s.Pods != 2 || s.Complete != 1 {
		t.Errorf("after two scrapes: %d pods, %d of them complete, want 2 and 1", s.Pods, s.Complete)
	}
}
