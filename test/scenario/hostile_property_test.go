package scenario

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// The node of hostile responses, and the highest values that may be served of it: ten times what it declares, and three times that for a rate
// over one second between two timestamps in whole seconds.
var (
	hostileNode = store.Identity{Name: "n1", UID: "u", CPU: 4e9, Memory: 8 << 30, Swap: 1 << 30}
	most        = store.Identity{CPU: 3 * 10 * 4e9, Memory: 10 * 8 << 30, Swap: 10 << 30}
)

// expectations accept every pod of a response as one of the node's, with the containers of the response.
type expectations map[[2]string]expectation

// expectation is what is expected of a pod, and where its usage is published.
type expectation struct {
	containers []string
	cell       *usage.PodCell
}

func (e expectations) expected(namespace, name string) (store.Expected, bool) {
	p, ok := e[[2]string{namespace, name}]
	return store.Expected{Node: hostileNode.Name, UID: "u", Static: true, Containers: p.containers, Usage: p.cell}, ok
}

// victim is a store that receives responses as from the scraper.
type victim struct {
	*store.Store
	t     *testing.T
	clock *clocktesting.FakeClock
	pods  expectations
	// cell is that of the hostile node.
	cell *usage.NodeCell
}

func newVictim(t *testing.T) *victim {
	c := clocktesting.NewFakeClock(beginning.Add(15 * time.Second))
	v := &victim{t: t, clock: c, pods: expectations{}, cell: &usage.NodeCell{}}
	v.Store = store.New(v, usage.Staleness{MaxAge: defaultMaxAge, Resolution: 15 * time.Second}, c)
	return v
}

// Pod implements store.Objects.
func (v *victim) Pod(namespace, name string) (store.Expected, bool) {
	return v.pods.expected(namespace, name)
}

// Node implements store.Objects.
func (v *victim) Node(name string) (uid string, cell *usage.NodeCell, ok bool) {
	return hostileNode.UID, v.cell, name == hostileNode.Name
}

// take decodes a response and puts it, if it can be used, and checks everything that is served then.
func (v *victim) take(decode func([]byte) (sample.Node, error), body []byte) {
	v.clock.Step(15 * time.Second)
	v.putOther()
	n, err := decode(body)
	if err != nil {
		v.Fail(hostileNode.Name)
	} else {
		n.Stamp(v.clock.Now().UnixNano())
		for _, p := range n.Pods {
			var names []string
			for _, c := range p.Containers {
				names = append(names, c.Name)
			}
			key := [2]string{p.Namespace, p.Name}
			v.pods[key] = expectation{names, cmp.Or(v.pods[key].cell, &usage.PodCell{})}
		}
		v.Put(hostileNode, &n)
	}
	v.check(body)
}

// putOther puts a reading of another node, which shows that the server's clock is right.
func (v *victim) putOther() {
	now := v.clock.Now().UnixNano()
	cpu := sample.Reading{Known: true, Time: now, Value: uint64(now)}
	v.Put(store.Identity{Name: "on-time"}, &sample.Node{Usage: sample.Usage{CPU: cpu, Memory: cpu}})
}

// check wants every value to be plausible, and all usage to be complete, with a timestamp and a window.
func (v *victim) check(body []byte) {
	v.t.Helper()
	if n, ok := v.Reader().Node(v.cell); ok {
		v.checkTimes(body, n.Time, n.Window)
		v.checkUse(body, n.CPU, n.Memory, n.Extra)
	}
	for key, expected := range v.pods {
		p, ok := v.Reader().Pod(expected.cell, hostileNode.Name)
		if !ok {
			continue
		}
		v.checkTimes(body, p.Time, p.Window)
		var names []string
		for _, c := range p.Containers {
			names = append(names, c.Name)
			v.checkUse(body, c.CPU, c.Memory, c.Extra)
		}
		for _, name := range expected.containers {
			if !slices.Contains(names, name) {
				v.t.Fatalf("pod %s is served without container %q after\n%s", key, name, body)
			}
		}
	}
}

func (v *victim) checkTimes(body []byte, at time.Time, window time.Duration) {
	v.t.Helper()
	if at.UnixNano() <= 0 || at.After(v.clock.Now().Add(time.Minute)) || window <= 0 {
		v.t.Fatalf("served with the time %s and the window %s after\n%s", at, window, body)
	}
}

func (v *victim) checkUse(body []byte, cpu, memory uint64, extra usage.Extras) {
	v.t.Helper()
	tooMuchSwap := slices.ContainsFunc(extra, func(x usage.Extra) bool { return x.Resource == sample.Swap && x.Value > most.Swap })
	if cpu > most.CPU || memory > most.Memory || tooMuchSwap {
		v.t.Fatalf("served with %d nanocores, %d bytes and %v after\n%s", cpu, memory, extra, body)
	}
}

// FuzzServed gives a store two responses of any bytes. Whatever they contain, nothing is served that the node cannot use.
func FuzzServed(f *testing.F) {
	for _, e := range []struct {
		ending  string
		summary bool
	}{{"prom", false}, {"json", true}} {
		paths, err := filepath.Glob("../../pkg/decode/testdata/*." + e.ending)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no seed responses: %v", err)
		}
		before := []byte{}
		for _, path := range paths {
			body, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(e.summary, before, body)
			f.Add(e.summary, body, body)
			before = body
		}
	}
	f.Fuzz(func(t *testing.T, isSummary bool, first, second []byte) {
		read := decodeResource
		if isSummary {
			read = decodeSummary
		}
		v := newVictim(t)
		for _, body := range [][]byte{first, second, first, second} {
			v.take(read, body)
		}
	})
}

// TestNoResponseMakesAnImpossibleValue mixes good values with those that broken kubelets have sent, and worse.
func TestNoResponseMakesAnImpossibleValue(t *testing.T) {
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			served := 0
			for seed := range uint64(300) {
				r := rand.New(rand.NewPCG(seed, 0))
				v := newVictim(t)
				for range 10 {
					v.take(e.decode, []byte(hostileResponse(t, r, e, v.clock.Now().Add(15*time.Second))))
				}
				for key := range v.pods {
					if _, ok := v.Reader().Pod(v.pods[key].cell, hostileNode.Name); ok {
						served++
					}
				}
			}
			if served < 100 {
				t.Errorf("%d pods were served in the end, want at least 100", served)
			}
		})
	}
}

// Values that no kubelet should send. The first three cannot be written in JSON.
var (
	hostileValues = strings.Fields("NaN +Inf -Inf -0 -1 1e290 1.8446744073709552e+19 9.223372036854775808e+18 9e15 1e12 0 1e-9 4.7e9")
	hostileTimes  = strings.Fields("@-62135596800000 @0 @1 @9223372036854775807 -1h -30s +59s +2m none")
)

const notInJSON = 3

// hostileResponse is a response of a kubelet about the node and six containers, in which every fourth number is hostile.
func hostileResponse(t *testing.T, r *rand.Rand, e endpoint, now time.Time) string {
	values, times := hostileValues, hostileTimes
	if e.name == "summary" {
		values = values[notInJSON:]
		times = times[4:]
	}
	pick := func(usual string, hostile []string) string {
		if r.IntN(4) > 0 {
			return usual
		}
		return hostile[r.IntN(len(hostile))]
	}
	passed := now.Sub(beginning).Seconds()
	var all []subject
	for _, name := range []string{"node", "shop/web/a", "shop/web/b", "shop/db/a", "shop/mail/a", "shop/mail/a", "shop/mail/POD"} {
		line := fmt.Sprintf("%s cpu=%s mem=%s swap=%s rate=%s t=%s mt=%s start=%s", name,
			pick(fmt.Sprint(100+passed), values), pick("1e9", values), pick("1e6", values), pick("0", hostileValues[notInJSON:]),
			pick("+0s", times), pick("+0s", times), pick("08:00:00", times))
		s, err := parseSubject(line, now)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	body, err := e.render("n1", all)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
