package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// began has a container's instance begin so many seconds after the beginning of the test.
func began(c sample.Container, seconds int) sample.Container {
	c.Start = start.Add(time.Duration(seconds) * time.Second).UnixNano()
	return c
}

// TestRefusedCounterBesideARate serves the rate.
func TestRefusedCounterBesideARate(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	c := b.use("a", 0, 7)
	c.Rate = sample.Reading{Known: true, Time: c.CPU.Time, Value: 250e6}
	c.CPU = sample.Reading{Rejected: sample.Negative}
	b.put("n", pods(named("p", c)))
	b.want(shown{0, 15, "a=250ms/7ns"})
}

// TestMemoryBesideARestart has the memory of a response be older than that of the response before.
func TestMemoryBesideARestart(t *testing.T) {
	tests := []struct {
		name string
		// first and second are when the instances of the two responses began; 0 where that is not known.
		first, second int
		want          uint64
	}{
		{"the same instance", -100, -100, 7},
		{"a start that was not known at first", 0, -100, 7},
		{"another instance", -100, 5, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a")
			put := func(cpu float64, memory uint64, since int, age time.Duration) {
				c := b.use("a", cpu, memory)
				if c.Memory.Time -= int64(age); since != 0 {
					c = began(c, since)
				}
				b.put("n", pods(named("p", c)))
			}
			put(100, 7, tt.first, 0)
			b.advance(15)
			put(101, 9, tt.second, 16*time.Second)
			if got := b.store.find("n").pods[podKey{"ns", "p"}].containers.find("a").memory; got != tt.want {
				t.Errorf("the memory is %d, want %d", got, tt.want)
			}
		})
	}
}

// TestMissingInput has messages about readings that cannot be used.
func TestMissingInput(t *testing.T) {
	tests := []struct {
		name string
		// first and second change what the two responses report.
		first, second func(*sample.Container)
		want          string
	}{
		{"a reading without a time that can be", nil, func(c *sample.Container) { c.CPU.Time = -1 }, "clock of the node"},
		{"memory of the future, more than the node can have", nil, func(c *sample.Container) {
			c.Memory.Value, c.Memory.Time = 1<<40, c.Memory.Time+int64(time.Hour)
		}, "clock of the node"},
		{"memory of an older instance alone", func(c *sample.Container) { *c = began(*c, -50); c.Memory = sample.Reading{} },
			func(c *sample.Container) { *c = began(*c, -100) }, "reports no memory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a")
			for i, change := range []func(*sample.Container){tt.first, tt.second} {
				c := b.use("a", 100+float64(i), 7)
				if change != nil {
					change(&c)
				}
				b.store.Put(Identity{Name: "n", Memory: 1 << 30}, &sample.Node{Pods: pods(named("p", c))})
				b.advance(15)
			}
			if got := b.store.PodMessage("n", "ns", "p"); !strings.Contains(got, tt.want) {
				t.Errorf("the message is %q, want one with %q", got, tt.want)
			}
		})
	}
}

// TestRateOfYoungInstances has a pod's usage be overdue when instances follow one another that are too young for a rate. One restart is no crash loop, and
// the same reading twice is no second instance.
func TestRateOfYoungInstances(t *testing.T) {
	tests := []struct {
		name string
		// restarts are the seconds at which instances have begun, of which each is read three seconds later, and repeated says that the last is read twice.
		restarts []int
		repeated bool
		cpu      float64
		want     string
	}{
		{"one", []int{60}, false, 0.5, "a=100ms/7ns"},
		{"one, read twice", []int{60}, true, 0.5, "a=100ms/7ns"},
		{"two", []int{60, 64}, false, 0.5, "a=50ms/7ns"},
		{"two, of more than the node can do", []int{60, 64}, false, 500, "a=100ms/7ns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, 2*maxAge)
			b.run("n", "p", "u", "a")
			put := func(c sample.Container) {
				b.store.Put(Identity{Name: "n", CPU: 1e9}, &sample.Node{Pods: pods(named("p", c))})
			}
			for i := range 2 {
				b.clock.SetTime(start.Add(time.Duration(-15*(1-i)) * time.Second))
				put(began(b.use("a", 1000+1.5*float64(i), 7), -100))
			}
			b.clock.SetTime(start.Add(61 * time.Second)) // More than half of the maximum age has passed.
			var c sample.Container
			for i, at := range tt.restarts {
				b.clock.SetTime(start.Add(time.Duration(at+3) * time.Second))
				c = began(b.use("a", tt.cpu, 7), at)
				c.CPU.Value -= uint64(i) // Each counter falls.
				put(c)
			}
			if tt.repeated {
				b.advance(2)
				put(c)
			}
			if got := b.show("n", "p", "u"); got.Containers != tt.want {
				t.Errorf("served %+v, want %s", got, tt.want)
			}
		})
	}
}

// TestExtraResourcesBesideAnOlderInstance has a container be missing from the response in between: what it had before is no longer served.
func TestExtraResourcesBesideAnOlderInstance(t *testing.T) {
	for _, missing := range []bool{false, true} {
		b := newEnv(t, maxAge)
		b.run("n", "p", "u", "a")
		swapping := func(c sample.Container) sample.Container {
			c.Extra = sample.ExtraReadings{{Resource: sample.Swap, Reading: sample.Reading{Known: true, Time: c.CPU.Time, Value: 5}}}
			return began(c, -100)
		}
		put := func(c ...sample.Container) {
			b.store.Put(Identity{Name: "n", Swap: 1 << 30}, &sample.Node{Pods: pods(named("p", c...))})
			b.advance(15)
		}
		put(swapping(b.use("a", 100, 7)))
		put(swapping(b.use("a", 101.5, 7)))
		if missing {
			put()
		}
		put(began(b.use("a", 50, 7), -200))
		var want usage.Extras
		if !missing {
			want = usage.Extras{{Resource: sample.Swap, Value: 5}}
		}
		served, ok := b.pod("n", "ns", "p", "u")
		if !ok {
			t.Fatal("the pod is not served")
		}
		if diff := cmp.Diff(want, served.Containers[0].Extra); diff != "" {
			t.Errorf("extra resources where the container was missing %t (-want +got):\n%s", missing, diff)
		}
	}
}
