package sinks

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// outage is for how long the database is away in the full form, and in the short one.
func outage(short time.Duration) time.Duration {
	if os.Getenv("FULL") == "1" {
		return 2 * time.Minute
	}
	return short
}

// The bounds while the sink is away: usage is as old as it may be when all is well, and a list of all pods is as fast.
const (
	oldest  = 2 * resolution
	slowest = time.Second
)

// TestOutage ends the database for a while. With room in the queue everything arrives, in order and once; with little room the oldest points are dropped,
// and counted. Scrapes and responses are as before throughout.
func TestOutage(t *testing.T) {
	tests := []struct {
		name, queue string
		away        time.Duration
		drops       bool
	}{
		{"with room for all", "", outage(20 * time.Second), false},
		// So little room is full after half a minute.
		{"with room for little", "&queue=1Mi", outage(time.Minute), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			database := engines.Started(t, engines.InfluxDB{Dir: t.TempDir()}.Start)
			record := newRecorder(t, database)
			server := serverWith(t, nil, "influxdb:"+record.URL+"?interval=0"+tt.queue)
			poll.Eventually(t, 30*time.Second, func(context.Context) error {
				if points, _, _, err := record.counts(); err != nil || points < pods*containersPerPod {
					return fmt.Errorf("%d points, %w", points, err)
				}
				return nil
			})
			client := clientOf(t, server)
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				_, err := listPods(ctx, client)
				return err
			})
			seen := whileAway(t, server, client, database, tt.away)
			dropped := delivered(t, server, record)
			points, again, late, err := record.counts()
			if err != nil || again > 0 || late > 0 {
				t.Errorf("%d points came again, and %d after a later one: %v", again, late, err)
			}
			gap, series := record.longest("cpu/usage_rate,")
			t.Logf("away for %s: %d points arrived, 0 wanted again or late: %d and %d; %.0f dropped; the longest gap of %d series is %.1f s; meanwhile %s",
				tt.away, points, again, late, dropped, series, gap, seen)
			if (dropped > 0) != tt.drops || (gap > (3*resolution).Seconds()) != tt.drops {
				t.Errorf("%.0f points were dropped, and the longest gap is %.1f s", dropped, gap)
			}
			if seen.Age > oldest || seen.Calls[listing].Percentile(99) > slowest || len(seen.Failures) > 0 {
				t.Errorf("usage was up to %s old, a list took up to %s, failures: %v", seen.Age, seen.Calls[listing].Percentile(99), seen.Failures)
			}
		})
	}
}

// whileAway ends the database, observes the server meanwhile, and starts the database again.
func whileAway(t *testing.T, server *cluster.Server, client metricsclient.Interface, database *engines.Engine, away time.Duration) *observe.Observation {
	t.Helper()
	if err := database.Stop(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), away)
	defer cancel()
	seen := observe.Run(ctx, server, usageObserver(client))
	if err := database.Again(t.Context()); err != nil {
		t.Fatal(err)
	}
	return seen
}

// listing is the name of the observed call.
const listing = "list of all pods"

// usageObserver observes how old the usage of the pods is that a server returns, and how long a list of them takes.
func usageObserver(client metricsclient.Interface) observe.Observer {
	return observe.Observer{Name: listing, Every: 500 * time.Millisecond, Observe: func(ctx context.Context, o *observe.Observation) error {
		begin := time.Now()
		list, err := listPods(ctx, client)
		if err != nil {
			return err
		}
		o.NoteCall(listing, time.Since(begin))
		for _, p := range list.Items {
			o.NoteAge(time.Since(p.Timestamp.Time))
		}
		return nil
	}}
}

func clientOf(t *testing.T, server *cluster.Server) metricsclient.Interface {
	t.Helper()
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// listPods wants the usage of every pod.
func listPods(ctx context.Context, client metricsclient.Interface) (*metricsv1.PodMetricsList, error) {
	list, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the pods: %w", err)
	}
	if len(list.Items) != pods {
		return nil, fmt.Errorf("%d pods are served, want %d", len(list.Items), pods)
	}
	return list, nil
}

var (
	droppedPoints = regexp.MustCompile(`^plimsoll_sink_points_dropped_total`)
	queuedBytes   = regexp.MustCompile(`^plimsoll_sink_queue_bytes`)
	failedTries   = regexp.MustCompile(`^plimsoll_sink_errors_total`)
	sentPoints    = regexp.MustCompile(`^plimsoll_sink_points_sent_total`)
)

// delivered waits until the server has delivered what waits, and counts as sent what has arrived. It returns how many points were dropped.
func delivered(t *testing.T, server *cluster.Server, record *recorder) (dropped float64) {
	t.Helper()
	poll.Eventually(t, 3*time.Minute, func(ctx context.Context) error {
		all, err := observe.OwnMetrics(ctx, server)
		if err != nil {
			return err
		}
		if all.Rise(nil, failedTries) == 0 {
			return fmt.Errorf("no try has failed")
		}
		if waiting := all.Rise(nil, queuedBytes); waiting > 4<<10 {
			return fmt.Errorf("%.0f bytes wait", waiting)
		}
		if points, _, _, _ := record.counts(); all.Rise(nil, sentPoints) != float64(points) {
			return fmt.Errorf("%.0f points were sent, and %d have arrived", all.Rise(nil, sentPoints), points)
		}
		dropped = all.Rise(nil, droppedPoints)
		return nil
	})
	return dropped
}
