package engines

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// Thanos is a querier over some Prometheis, each with a sidecar. Its Engine is the querier.
type Thanos struct {
	*Engine
	sidecars []*Engine
}

// StartThanos starts it over Prometheis with distinct external labels, with further flags of the querier, and returns when it is ready. The data is in dir.
// The Prometheis stay the caller's.
func StartThanos(ctx context.Context, dir string, over []*Engine, args ...string) (*Thanos, error) {
	t := &Thanos{}
	for i, prometheus := range over {
		sidecar, err := sidecarOf(prometheus, dir, i).start(ctx)
		if err != nil {
			return nil, errors.Join(err, t.Stop())
		}
		t.sidecars = append(t.sidecars, sidecar)
		args = append(args, "--endpoint="+at(sidecar.ports[1]))
	}
	var err error
	t.Engine, err = program{
		name: "thanos-query", part: parts.Thanos, dir: dir, ports: 2, health: "/-/ready",
		args: func(_ string, ports []int) ([]string, error) {
			return slices.Concat([]string{"query", "--http-address=" + at(ports[0]), "--grpc-address=" + at(ports[1])}, args), nil
		},
	}.start(ctx)
	if err != nil {
		return nil, errors.Join(err, t.Stop())
	}
	return t, nil
}

func sidecarOf(prometheus *Engine, dir string, number int) program {
	return program{
		name: fmt.Sprintf("thanos-sidecar-%d", number), part: parts.Thanos, dir: dir, ports: 2, health: "/-/ready",
		args: func(_ string, ports []int) ([]string, error) {
			return []string{
				"sidecar", "--http-address=" + at(ports[0]), "--grpc-address=" + at(ports[1]), "--prometheus.url=" + prometheus.URL,
				"--tsdb.path=" + filepath.Join(prometheus.Dir, "data"),
			}, nil
		},
	}
}

// Stop ends the querier and the sidecars.
func (t *Thanos) Stop() error {
	var errs []error
	if t.Engine != nil {
		errs = append(errs, t.Engine.Stop())
	}
	for _, s := range t.sidecars {
		errs = append(errs, s.Stop())
	}
	return errors.Join(errs...)
}
