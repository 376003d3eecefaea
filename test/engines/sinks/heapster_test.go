package sinks

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// The host and the address of the documentation's own line, for which nothing else on this machine listens.
const (
	heapstersSink = "influxdb:http://monitoring-influxdb:80"
	influxAddress = "127.18.0.1"
)

// TestHeapstersLine starts Plimsoll with the line that Heapster's documentation gives its users, and finds in the database what each query of
// Heapster's dashboards draws.
func TestHeapstersLine(t *testing.T) {
	through := resolving(t, "monitoring-influxdb", influxAddress)
	database := engines.Started(t, engines.InfluxDB{Dir: t.TempDir(), Address: influxAddress + ":80"}.Start)
	begin := time.Now()
	serverWith(t, through, heapstersSink)
	var series int
	var worst float64
	err := poll.Within(t.Context(), 4*time.Minute, func(ctx context.Context) (err error) {
		series, worst, err = checkAll(ctx, database)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d queries return %d series, the worst is off by %.2f %%, %.0f s after the start", len(dashboards()), series, 100*worst, time.Since(begin).Seconds())
	checkTemplates(t, database)
}

// checkAll runs the queries of the dashboards, and returns how many series they found, and by how much the worst of them is off.
func checkAll(ctx context.Context, database *engines.Engine) (series int, worst float64, err error) {
	var errs []error
	for _, query := range dashboards() {
		found, off, err := query.check(ctx, database)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", query.name(), err))
		}
		series, worst = series+found, max(worst, off)
	}
	return series, worst, errors.Join(errs...)
}

// checkTemplates reads the names that a user of the dashboards chooses from.
func checkTemplates(t *testing.T, database *engines.Engine) {
	t.Helper()
	for query, want := range map[string][]string{
		`SHOW TAG VALUES FROM "uptime" WITH KEY = "nodename"`:                                          env.Fleet.Nodes(),
		`SHOW TAG VALUES FROM "uptime" WITH KEY = "namespace_name"`:                                    namespaces(),
		`SHOW TAG VALUES FROM "uptime" WITH KEY = "pod_name" WHERE "namespace_name" =~ /` + "team-3$/": podsOf("team-3"),
	} {
		tables, err := database.InfluxQL(t.Context(), "k8s", query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, table := range tables {
			for _, row := range table.Values {
				got = append(got, fmt.Sprint(row[1]))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s returns %v, want %v", query, got, want)
		}
	}
}

func namespaces() (names []string) {
	for _, p := range env.Fleet.Pods() {
		if !slices.Contains(names, p.Namespace) {
			names = append(names, p.Namespace)
		}
	}
	slices.Sort(names)
	return names
}

func podsOf(namespace string) (names []string) {
	for _, p := range env.Fleet.Pods() {
		if p.Namespace == namespace {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// resolving are the words by which a command becomes a program for which a name has an address. The test does not run where that needs rights that it
// does not have.
func resolving(t *testing.T, name, address string) []string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT RUN: only root listens at port 80, and has a file of hosts of its own")
	}
	if out, err := exec.CommandContext(t.Context(), "unshare", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: no mount namespace can be made here: %v: %s", err, out)
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Fatal(err)
	}
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost\n"+address+" "+name+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{unshare, "--mount", "sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, hosts}
}

// off is how far a value is from the true one, in parts of that; least is what rounding may add.
func off(got, want, least float64) (float64, error) {
	if math.IsNaN(got) || math.Abs(got-want) > max(tolerance*want, least) {
		return 0, fmt.Errorf("%v instead of %v", got, want)
	}
	if want == 0 {
		return 0, nil
	}
	return max(0, math.Abs(got-want)-least) / want, nil
}

// check runs the query, and returns how many series it found and by how much the worst of them is off.
func (q dashboardQuery) check(ctx context.Context, database *engines.Engine) (series int, worst float64, err error) {
	tables, err := database.InfluxQL(ctx, "k8s", q.text())
	if err != nil {
		return 0, 0, err
	}
	if len(tables) != len(q.want) {
		return 0, 0, fmt.Errorf("%d series, want %d", len(tables), len(q.want))
	}
	var errs []error
	for _, table := range tables {
		want, known := q.want[table.Tags[q.by]]
		if !known {
			return 0, 0, fmt.Errorf("a series of %v", table.Tags)
		}
		points, err := table.Points("sum")
		if err != nil {
			return 0, 0, err
		}
		if len(points) != 1 {
			return 0, 0, fmt.Errorf("%v has %d points, want 1", table.Tags, len(points))
		}
		far, err := off(points[0].Value, want, q.rounding())
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", q.measurement, strings.Join([]string{q.by, table.Tags[q.by]}, "="), err))
		}
		worst = max(worst, far)
	}
	return len(tables), worst, errors.Join(errs...)
}
