package bed

import (
	"cmp"
	"errors"
	"io"

	"github.com/plimsoll/plimsoll/test/fleet"
)

// Options say what a bed looks like.
type Options struct {
	// Dir takes everything that is written: logs, keys, etcd's data. The caller removes it.
	Dir string
	// Nodes is how many simulated nodes there are; 3 by default.
	Nodes int
	// Readings says when the simulated kubelets read their numbers; on demand by default.
	Readings fleet.Readings
	// Args are further flags of Plimsoll, which win over those that the bed gives.
	Args []string
	// Log takes a line for each step; nil drops them.
	Log io.Writer
	// WithoutServer leaves out Plimsoll and its APIServices.
	WithoutServer bool
}

func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("a bed needs a folder of its own, and none was given")
	}
	o.Nodes = cmp.Or(o.Nodes, 3)
	if o.Log == nil {
		o.Log = io.Discard
	}
	return o, nil
}
