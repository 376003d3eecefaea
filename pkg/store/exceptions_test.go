package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// These tests are of the limits of the rules: docs/lessons.md has the reasons.

// TestInstancesThatAreAlwaysTooYoung has a container restart so fast that no scrape finds it waiting, or old enough for a rate. The
// newest complete usage is served for half of the maximum age; then the CPU time of the instance is averaged over ten seconds.
func TestInstancesThatAreAlwaysTooYoung(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a", "b")
	scrape := func(cpu float64, began time.Time) {
		b.advance(15)
		c := b.use("b", cpu, 8)
		c.Start = began.UnixNano()
		b.put("n", pods(named("p", b.use("a", b.clock.Since(start).Seconds()/10, 7), c)))
	}
	for range 2 {
		scrape(100+b.clock.Since(start).Seconds()/5, start)
	}
	served := shown{0, 15, "a=100ms/7ns b=200ms/8ns"}
	b.want(served)
	// Each instance has used a little less than the one before, or it could not be distinguished from a start that has only moved.
	used := 1000
	firstSeen := func() string {
		used--
		scrape(float64(used)/1000, b.clock.Now().Add(12*time.Second))
		return fmt.Sprintf("a=100ms/7ns b=%v/8ns", time.Duration(used)*100*time.Microsecond)
	}
	for range 2 {
		firstSeen()
		served.Age += 15
		b.want(served)
	}
	for range 5 {
		containers := firstSeen()
		b.want(shown{0, 15, containers})
		for age := range 2 {
			firstSeen()
			b.want(shown{15 * (age + 1), 15, containers})
		}
	}
}

// TestContainerThatJoinsMaySetTimeBack has a container join a pod whose readings are older than those of the others.
func TestContainerThatJoinsMaySetTimeBack(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	scrape := func(joined, cpu float64) {
		b.advance(15)
		late := sample.Container{Name: "b", Usage: usageAt(start.Add(time.Duration(joined)*time.Second), cpu, 8)}
		b.put("n", pods(named("p", b.use("a", b.clock.Since(start).Seconds()/10, 7), late)))
	}
	joining := b.pods["ns/p"]
	joining.Awaited = []string{"b"}
	b.pods["ns/p"] = joining
	scrape(10, 100)
	scrape(15, 101)
	b.want(shown{0, 15, "a=100ms/7ns"})
	b.run("n", "p", "u", "a", "b")
	scrape(25, 103)
	b.want(shown{20, 15, "a=100ms/7ns b=200ms/8ns"})
}
