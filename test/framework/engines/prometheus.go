package engines

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// Prometheus describes one.
type Prometheus struct {
	// Name is the engine's in messages and that of its folder; "prometheus" by default.
	Name string
	// Dir is the folder of all files.
	Dir string
	// ExternalLabels are those that it adds to what leaves it.
	ExternalLabels map[string]string
	// Scrapes are what it scrapes; nothing by default.
	Scrapes []Scrape
	// Args are further flags.
	Args []string
}

// Scrape is a job of Prometheus: the kubelets of a fleet.
type Scrape struct {
	// Job is its name.
	Job string
	// Path is what it requests, /metrics/resource for example.
	Path string
	// Interval is the time between two scrapes of a target, such as 5s.
	Interval string
	// CA is the path of the authority of the targets' certificates, which are not verified where it is empty.
	CA string
	// IgnoreTimestamps has the time of the scrape be that of each sample, and not the target's own.
	IgnoreTimestamps bool
	// Targets are names of nodes by address, such as 127.10.0.1:10250. The name becomes the label node.
	Targets map[string]string
	// Drop is a regular expression of the series that are not stored: of the values of DropLabels, joined by semicolons; empty for none.
	DropLabels []string
	Drop       string
}

// Start starts it, with receivers of remote write and OTLP, and returns when it is ready.
func (o Prometheus) Start(ctx context.Context) (*Engine, error) {
	if o.Name == "" {
		o.Name = "prometheus"
	}
	return program{
		name: o.Name, part: parts.Prometheus, dir: o.Dir, ports: 1, health: "/-/ready",
		args: func(dir string, ports []int) ([]string, error) {
			config := filepath.Join(dir, "prometheus.yml")
			if err := o.write(config); err != nil {
				return nil, err
			}
			return slices.Concat([]string{
				"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + at(ports[0]),
				"--web.enable-remote-write-receiver", "--web.enable-otlp-receiver",
				"--web.enable-lifecycle",
				// What Thanos's sidecar wants.
				"--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h",
			}, o.Args), nil
		},
	}.start(ctx)
}

func (o Prometheus) write(path string) error {
	config := map[string]any{
		"global": map[string]any{"external_labels": o.ExternalLabels},
		// The resource's attributes become labels: pods and containers are distinguished by them alone.
		"otlp": map[string]any{"promote_all_resource_attributes": true},
	}
	var jobs []any
	for _, s := range o.Scrapes {
		jobs = append(jobs, s.job())
	}
	config["scrape_configs"] = jobs
	text, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("encode the configuration: %w", err)
	}
	return os.WriteFile(path, text, 0o600)
}

func (s Scrape) job() map[string]any {
	var targets []any
	for address, node := range s.Targets {
		targets = append(targets, map[string]any{"targets": []string{address}, "labels": map[string]string{"node": node}})
	}
	job := map[string]any{
		"job_name": s.Job, "scheme": "https", "metrics_path": s.Path, "scrape_interval": s.Interval, "scrape_timeout": s.Interval,
		"tls_config": map[string]any{"ca_file": s.CA, "insecure_skip_verify": s.CA == ""}, "honor_timestamps": !s.IgnoreTimestamps, "track_timestamps_staleness": true,
		"static_configs": targets,
	}
	if s.Drop != "" {
		job["metric_relabel_configs"] = []any{map[string]any{"source_labels": s.DropLabels, "regex": s.Drop, "action": "drop"}}
	}
	return job
}

// Promtool runs Prometheus's tool and returns its output. Where it fails its output is in the error.
func Promtool(ctx context.Context, args ...string) (string, error) {
	binaries, err := parts.Ensure(ctx, os.Stderr, parts.Promtool)
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrMissing, parts.Promtool, err)
	}
	out, err := exec.CommandContext(ctx, binaries[parts.Promtool], args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("promtool %q: %w: %s", args, err, out)
	}
	return string(out), nil
}
