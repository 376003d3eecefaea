package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
)

type (
	podMetrics  = metricsv1.PodMetrics
	nodeMetrics = metricsv1.NodeMetrics
)

// raw is a client that the libraries have no types for: of tables, of the older version with the newer types, and one that reads slowly.
type raw struct {
	client  *http.Client
	host    string
	verdict *verdict
}

func newRaw(t *testing.T, config *rest.Config, v *verdict) *raw {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return &raw{client, config.Host, v}
}

const (
	asTable = "application/json;as=Table;v=v1;g=meta.k8s.io"
	group   = "/apis/metrics.k8s.io/"
)

// table reads tables of pods with the objects that they are made of: the cells have to be theirs.
func (c *raw) table(ctx context.Context, r *rand.Rand) error {
	path := fmt.Sprintf("%sv1/namespaces/team-%d/pods?includeObject=Object", group, r.IntN(10))
	var table metav1.Table
	if err := c.get(ctx, path, asTable, &table, at(0)); err != nil {
		return err
	}
	pods := make([]podMetrics, len(table.Rows))
	for i, row := range table.Rows {
		if err := json.Unmarshal(row.Object.Raw, &pods[i]); err != nil {
			return fmt.Errorf("read the object of row %d of the table: %w", i, err)
		}
		if got, want := fmt.Sprint(row.Cells[:3]), fmt.Sprint(cells(&pods[i])); got != want {
			return fmt.Errorf("the table shows %s of a pod, want %s", got, want)
		}
	}
	c.verdict.answer()
	c.verdict.pods("a table", pods)
	return nil
}

// cells are the first three of a row: the name, and the sums of CPU and memory.
func cells(p *podMetrics) []any {
	var cpu, memory resource.Quantity
	for _, container := range p.Containers {
		cpu.Add(*container.Usage.Cpu())
		memory.Add(*container.Usage.Memory())
	}
	return []any{p.Name, fmt.Sprintf("%dm", cpu.MilliValue()), fmt.Sprintf("%dMi", memory.Value()>>20)}
}

// older reads a namespace, or the nodes, by the older version of the API.
func (c *raw) older(ctx context.Context, r *rand.Rand) error {
	if r.IntN(2) == 0 {
		var list metricsv1.NodeMetricsList
		if err := c.get(ctx, group+"v1beta1/nodes", "application/json", &list, at(0)); err != nil {
			return err
		}
		c.verdict.answer()
		c.verdict.nodes("the older version", list.Items)
		return nil
	}
	return c.list(ctx, fmt.Sprintf("%sv1beta1/namespaces/team-%d/pods", group, r.IntN(10)), at(0))
}

// slowly reads a namespace at 128 KiB per second.
func (c *raw) slowly(ctx context.Context, r *rand.Rand) error {
	return c.list(ctx, fmt.Sprintf("%sv1/namespaces/team-%d/pods", group, r.IntN(10)), at(128<<10))
}

func (c *raw) list(ctx context.Context, path string, speed pace) error {
	var list metricsv1.PodMetricsList
	if err := c.get(ctx, path, "application/json", &list, speed); err != nil {
		return err
	}
	c.verdict.answer()
	c.verdict.pods(path, list.Items)
	return nil
}

func (c *raw) get(ctx context.Context, path, accept string, into any, speed pace) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.host+path, nil)
	if err != nil {
		return fmt.Errorf("make a request for %s: %w", path, err)
	}
	request.Header.Set("Accept", accept)
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(speed.reader(ctx, response.Body))
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: status %d, error %w: %.300s", path, response.StatusCode, err, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("GET %s: read the body: %w: %.300s", path, err, body)
	}
	return nil
}

// pace is how fast a client reads, in bytes per second; 0 for as fast as it can.
type pace int

func at(bytesPerSecond int) pace { return pace(bytesPerSecond) }

func (p pace) reader(ctx context.Context, from io.Reader) io.Reader {
	if p == 0 {
		return from
	}
	return slowReader{ctx, from, int(p)}
}

// slowReader reads an eighth of a second's bytes, and waits for that long.
type slowReader struct {
	ctx       context.Context
	from      io.Reader
	perSecond int
}

// Read implements io.Reader.
func (s slowReader) Read(p []byte) (int, error) {
	const parts = 8
	timer := time.NewTimer(time.Second / parts)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
		return 0, context.Cause(s.ctx)
	}
	return s.from.Read(p[:min(len(p), s.perSecond/parts)])
}
