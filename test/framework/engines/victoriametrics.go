package engines

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// VictoriaMetrics describes one of the single-node version.
type VictoriaMetrics struct {
	// Dir is the folder of all files.
	Dir string
	// Args are further flags. By default queries leave out the samples of the last 30 seconds, as they do where it is used.
	Args []string
}

// Start starts it and returns when it is ready. It receives line protocol at /write and /api/v2/write, remote write at /api/v1/write and OTLP at
// /opentelemetry/v1/metrics.
func (o VictoriaMetrics) Start(ctx context.Context) (*Engine, error) {
	return program{
		name: "victoria-metrics", part: parts.VictoriaMetrics, dir: o.Dir, ports: 1, health: "/health",
		args: func(dir string, ports []int) ([]string, error) {
			return slices.Concat([]string{
				"-storageDataPath=" + filepath.Join(dir, "data"), "-httpListenAddr=" + at(ports[0]), "-retentionPeriod=1d", "-memory.allowedBytes=256MiB",
			}, o.Args), nil
		},
	}.start(ctx)
}
