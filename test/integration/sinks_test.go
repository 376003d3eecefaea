package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const password = "pass-word-of-a-sink"

// sinkStatus is what /debug/sinks has of a sink.
type sinkStatus struct {
	Name, LastError             string
	SentPoints, Errors          int
	QueueBytes, QueueLimitBytes int
	DroppedPoints               map[string]int
}

// TestSinks has a server write the usage of every pod to its log, while two other sinks accept nothing: one refuses connections, and one accepts them and does
// not respond. The pods are served as ever, what the sinks do not accept is counted, and the process ends in time.
func TestSinks(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // The kernel accepts what the test does not.
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	server, err := env.StartServer(t.Context(), "--sink=log:?lines=100000",
		"--sink=influxdb:http://127.0.0.1:1?queue=1Mi&interval=0&pw="+password, fmt.Sprintf("--sink=prometheus:http://%s/api/v1/write?user=u&pw=%s&queue=1Mi", silent.Addr(), password))
	if err != nil {
		t.Fatal(err)
	}
	admin, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	var status map[string]sinkStatus
	poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		text, err := cluster.Fetch(ctx, admin, "/debug/sinks")
		if err != nil {
			return err
		}
		var all []sinkStatus
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			return err
		}
		status = map[string]sinkStatus{}
		for _, s := range all {
			status[s.Name] = s
		}
		if status["log"].SentPoints < 2*pods || status["influxdb"].DroppedPoints["queue_full"] == 0 || status["prometheus"].Errors == 0 {
			return fmt.Errorf("status %s", text)
		}
		return nil
	})
	for name, s := range status {
		if s.QueueBytes > s.QueueLimitBytes || name != "log" && (s.SentPoints != 0 || s.LastError == "") {
			t.Errorf("%s: %+v", name, s)
		}
	}
	checkReader(t, server)
	checkNoSecret(t, server)
	began := time.Now()
	if err := server.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the process took %v to end", took)
	}
	checkLog(t, server)
}

// checkReader wants a client that may not get the path to be refused.
func checkReader(t *testing.T, server *cluster.Server) {
	t.Helper()
	reader, err := server.ConfigFor("reader-of-nothing")
	if err != nil {
		t.Fatal(err)
	}
	if err := returns(t.Context(), reader, "/debug/sinks", http.StatusForbidden); err != nil {
		t.Error(err)
	}
}

// checkNoSecret wants the password to be nowhere but in the flag.
func checkNoSecret(t *testing.T, server *cluster.Server) {
	t.Helper()
	admin, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/metrics", "/debug/sinks", "/readyz?verbose"} {
		text, err := cluster.Fetch(t.Context(), admin, path)
		if err != nil || strings.Contains(text, password) {
			t.Errorf("%s has the password, or %v", path, err)
		}
		if path == "/metrics" && !strings.Contains(text, `plimsoll_sink_points_dropped_total{reason="queue_full",sink="influxdb"}`) {
			t.Error("what is dropped is not among the metrics")
		}
	}
}

func checkLog(t *testing.T, server *cluster.Server) {
	t.Helper()
	text, err := os.ReadFile(server.Log())
	if err != nil {
		t.Fatal(err)
	}
	log := string(text)
	if strings.Contains(log, password) {
		t.Error("the log has the password")
	}
	for _, node := range env.Fleet.Nodes() {
		namespace, pod := onePod(node)
		for _, line := range []string{"Usage of node " + node + ": ", fmt.Sprintf("Usage of pod %s/%s on node %s: ", namespace, pod, node)} {
			if !strings.Contains(log, line) {
				t.Errorf("the log has no line that begins with %q", line)
			}
		}
	}
	for _, line := range []string{"About a sink: the password is in a flag", "Sink does not accept usage", "Usage was not delivered before the process ended"} {
		if !strings.Contains(log, line) {
			t.Errorf("the log does not say %q", line)
		}
	}
}
