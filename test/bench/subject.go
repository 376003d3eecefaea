package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// callTimeout bounds one request, so that a server that hangs ends its step and not the run.
const callTimeout = time.Minute

// subject is a server while it is measured.
type subject struct {
	*cluster.Server
	cluster *cluster.Cluster
	options Options
	result  *Result
	// began is when its process was started.
	began time.Time
	// idle is how many cores it uses without readers, once that is measured.
	idle float64

	// http and host are for calls whose responses are not decoded, metrics for those whose responses are.
	http    *http.Client
	host    string
	metrics metricsclient.Interface
}

// measure waits until the machine is at rest, starts a server cold, takes it through a round's steps, and stops it. A step that fails does
// not keep the later ones from being measured.
func measure(ctx context.Context, b *cluster.Cluster, o Options, p cluster.Program, round int) (_ *Result, err error) {
	s := &subject{cluster: b, options: o, result: NewResult(p.Name)}
	if err := s.step(ctx, "waiting until the machine is at rest", s.settle); err != nil {
		return s.result, err
	}
	if err := s.launch(p); err != nil {
		return s.result, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	if err := s.connect(); err != nil {
		return s.result, err
	}
	if err := s.step(ctx, "starting", s.start); err != nil {
		return s.result, err
	}
	var errs []error
	for _, step := range o.chosen(round) {
		errs = append(errs, s.step(ctx, step.what, func(ctx context.Context) error { return step.run(s, ctx) }))
	}
	return s.result, errors.Join(errs...)
}

func (s *subject) launch(p cluster.Program) (err error) {
	s.began = time.Now()
	s.Server, err = s.cluster.Launch(p, "--metric-resolution="+s.options.Resolution.String())
	return err
}

func (s *subject) connect() error {
	config, err := s.ConfigFor(reader)
	if err != nil {
		return err
	}
	config.Timeout = callTimeout
	if s.http, err = rest.HTTPClientFor(config); err != nil {
		return fmt.Errorf("make a client of %s: %w", s.result.Server, err)
	}
	s.host = config.Host
	config.ContentType = asProtobuf
	if s.metrics, err = metricsclient.NewForConfig(config); err != nil {
		return fmt.Errorf("make a client of %s: %w", s.result.Server, err)
	}
	return nil
}

// step runs one step and prints its result.
func (s *subject) step(ctx context.Context, name string, run func(context.Context) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fmt.Fprintf(s.options.Log, "%s: %s\n", s.result.Server, name)
	known := len(s.result.Figures)
	if err := run(ctx); err != nil {
		fmt.Fprintf(s.options.Log, "%s: %s failed\n", s.result.Server, name)
		return fmt.Errorf("%s: %s: %w", s.result.Server, name, err)
	}
	for _, f := range s.result.Figures[known:] {
		fmt.Fprintf(s.options.Log, "%s: %s: %s\n", s.result.Server, f.Name, text(s.result, f))
	}
	return nil
}

// during is what the server's process uses while do runs.
func (s *subject) during(do func() error) (spent, error) {
	before, err := process.CPUTime(s.PID())
	if err != nil {
		return spent{}, err
	}
	begin := time.Now()
	if err := do(); err != nil {
		return spent{}, err
	}
	elapsed := time.Since(begin)
	after, err := process.CPUTime(s.PID())
	return spent{cpu: after - before, elapsed: elapsed}, err
}
