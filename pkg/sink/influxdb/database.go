package influxdb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

// database is the database of InfluxDB 1 that is written to. It is created before the first payload, and again when it is gone.
type database struct {
	server    *endpoint.Endpoint
	name      string
	statement string

	mu sync.Mutex
	// asked is true once the server has answered the statement, and refusal is why it refused it; empty where it did not.
	asked   bool
	refusal string
}

// defaultPolicy is the name of the retention policy of a database that is created here, as Heapster named it.
const defaultPolicy = "default"

func newDatabase(server *endpoint.Endpoint, c Config) *database {
	return &database{server: server, name: c.Database, statement: createStatement(c.Database, c.Retention)}
}

// createStatement does nothing where the database exists with this retention.
func createStatement(name string, retention time.Duration) string {
	duration := ""
	if retention > 0 {
		duration = fmt.Sprintf("DURATION %ds ", int64(retention/time.Second))
	}
	return fmt.Sprintf("CREATE DATABASE %s WITH %sNAME %s", quote(name), duration, quote(defaultPolicy))
}

// quote returns an identifier in InfluxQL.
func quote(name string) string {
	return `"` + strings.NewReplacer("\n", `\n`, `\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// create has the server create the database, unless it was asked already. A refusal is no error: the user may have the right to write and not to create,
// and the write shows whether the database is there. An error is that of a server that cannot be asked now.
func (d *database) create(ctx context.Context, now time.Time) error {
	d.mu.Lock()
	asked := d.asked
	d.mu.Unlock()
	if asked {
		return nil
	}
	form := url.Values{"q": {d.statement}}.Encode()
	resp, err := d.server.Post(ctx, "/query", []byte(form), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	if err != nil {
		return err
	}
	if resp.Status >= http.StatusInternalServerError || resp.Status == http.StatusTooManyRequests {
		return resp.Err(now)
	}
	d.finish(ctx, resp, now)
	return nil
}

// finish keeps what the server answered. A database that exists with another retention is used as it is: to shorten the retention would delete data.
func (d *database) finish(ctx context.Context, resp endpoint.Response, now time.Time) {
	reason := readAnswer(resp).reason
	switch {
	case !resp.OK():
		reason = resp.Err(now).Error()
	case strings.Contains(reason, "retention policy conflicts"):
		klog.FromContext(ctx).Info("Database exists with another default retention policy, which is kept: ALTER RETENTION POLICY changes it",
			"address", d.server.String(), "database", d.name, "wanted", d.statement)
		reason = ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked, d.refusal = true, reason
}

// missing has the next payload ask again, and returns the error of this one, whose data is kept.
func (d *database) missing(reason string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = false
	if d.refusal != "" {
		return fmt.Errorf("%v: %s, and it could not be created: %s", d.server, reason, d.refusal)
	}
	return fmt.Errorf("%v: %s: it is created again", d.server, reason)
}
