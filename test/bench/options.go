package bench

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The least that makes sense.
const (
	// leastResolution is more than metrics-server's limit: the 10 seconds for which it waits for a kubelet.
	leastResolution = 11 * time.Second
	leastPods       = 1
)

// Options are the size of the cluster and the length of each step. All fields are needed but Steps, PeerBinary, Profiles and Log.
type Options struct {
	// Dir is the folder of all files. The caller removes it.
	Dir string
	// Nodes is how many simulated nodes there are, Pods how many pods of two containers run on each.
	Nodes, Pods int
	// Resolution is how often both servers scrape each node.
	Resolution time.Duration
	// Rounds is how often both servers are measured alternately: of several values the table shows the median. Some
	// steps are taken in the first round only.
	Rounds int
	// Cycles is for how many resolutions the steady state is watched, and the samples' age.
	Cycles int
	// Sustained is for how long Clients at once repeat the autoscaler's call.
	Sustained time.Duration
	Clients   int
	// Lists is how many full lists are requested at once.
	Lists int
	// Hung is how many nodes hang while the age of the samples of other nodes is measured.
	Hung int
	// Steps are those that are taken after the start, by their names; all if there are none.
	Steps []string
	// PeerBinary is the path of another Plimsoll, which replaces metrics-server: there are no goals then. It is empty for
	// metrics-server.
	PeerBinary string
	// Profiles is an existing folder for the servers' profiles of what they do in the steady state and during each kind of call. It is
	// empty where none are wanted: a server that is profiled costs more.
	Profiles string
	// Log receives a line for each step; nil discards them.
	Log io.Writer
}

// Default is a complete measurement at its usual size. The speed of a shared machine varies, so one round is not enough.
func Default() Options {
	return Options{
		Nodes: 1000, Pods: 30, Resolution: 15 * time.Second, Rounds: 3, Cycles: 4,
		Sustained: 10 * time.Second, Clients: 8, Lists: 20, Hung: 5,
	}
}

// Validate reports every mistake at once.
func (o Options) Validate() error {
	var errs []error
	least := func(name string, got, want int) {
		if got < want {
			errs = append(errs, fmt.Errorf("%s is %d: give at least %d", name, got, want))
		}
	}
	least("the number of pods per node", o.Pods, leastPods)
	least("the number of rounds", o.Rounds, 1)
	least("the number of cycles", o.Cycles, 1)
	least("the number of clients", o.Clients, 1)
	least("the number of full lists at once", o.Lists, 1)
	least("the number of hung nodes", o.Hung, 0)
	least("the number of nodes, some of which have to stay healthy,", o.Nodes, o.Hung+1)
	if o.Resolution < leastResolution {
		errs = append(errs, fmt.Errorf("the resolution is %v: metrics-server takes no less than %v", o.Resolution, leastResolution))
	}
	if o.Sustained <= 0 {
		errs = append(errs, fmt.Errorf("the sustained load lasts %v: give more than 0", o.Sustained))
	}
	for _, name := range o.Steps {
		if !slices.Contains(StepNames(), name) {
			errs = append(errs, fmt.Errorf("there is no step %q: the steps are %s", name, strings.Join(StepNames(), ", ")))
		}
	}
	if slices.Contains(o.Steps, stepCalls) && !slices.Contains(o.Steps, stepSteady) {
		errs = append(errs, fmt.Errorf("the step %s needs the step %s, which measures what a server costs without calls", stepCalls, stepSteady))
	}
	if o.Profiles != "" && o.Rounds > 1 {
		errs = append(errs, errors.New("the profiles of one round would take the place of those of the round before: give one round"))
	}
	if o.Dir == "" {
		errs = append(errs, errors.New("a folder of its own is needed, and none was given"))
	}
	return errors.Join(errs...)
}

func (o Options) pods() int { return o.Nodes * o.Pods }
