package store

import "testing"

func TestMissedScrapesChangeNothingUntilTheMaximumAge(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	b.put("n", pods(named("p", b.use("a", 100, 7))))
	b.want(shown{})
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 101.5, 8))))
	served := shown{0, 15, "a=100ms/8ns"}
	b.want(served)
	for range 4 {
		b.store.Fail("n")
		b.advance(15)
		served.Age += 15
		b.want(served)
	}
	b.advance(1)
	b.want(shown{})
	b.advance(14)
	b.put("n", pods(named("p", b.use("a", 109, 9))))
	b.want(shown{0, 75, "a=100ms/9ns"})
}

func TestFailureUnpublishesWithoutAMaximumAge(t *testing.T) {
	b := newEnv(t, 0)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i), 7))))
	}
	b.advance(600)
	if got := b.show("n", "p", "u"); got.Containers == "" {
		t.Error("the usage was lost with time, without a failure")
	}
	b.store.Fail("n")
	b.want(shown{})
}
