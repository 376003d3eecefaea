package world

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// spareDescriptors is how many file descriptors Plimsoll may have beside one for each kubelet, and linesPerSecond how much it may log while it has none
// left: the library logs once a second that it cannot accept a connection.
const (
	spareDescriptors = 80
	linesPerSecond   = 2
)

// noDescriptors counts the scrapes that failed for want of a file descriptor.
const noDescriptors = `plimsoll_scrapes_total{cluster="",result="no_descriptors"}`

// TestOutOfDescriptors has a client hold connections until Plimsoll has no file descriptor left. Clients with a connection are served as before, and so
// are the nodes whose kubelets keep theirs. The others have the cause, and are fresh again soon after the connections have gone.
func TestOutOfDescriptors(t *testing.T) {
	t.Parallel()
	limit := fmt.Sprintf(`ulimit -n %d && exec "$@"`, size.nodes+spares+spareDescriptors)
	server := another(t, []string{"/bin/sh", "-c", limit, "sh"})
	client := direct(t, server, "descriptors")
	settle(t, client)
	series := own(t, server)
	served := repeat(t, 100*time.Millisecond, autoscalerCall(client))
	seen := watch(t, client, 500*time.Millisecond)
	from := time.Now()
	pause(t, 2*time.Second)
	before := series(t)[noDescriptors]

	full := time.Now()
	logged := logSize(t, server)
	held := fillDescriptors(t, server)
	restarted := []string{spare(1), spare(2)}
	closeConnections(t, restarted)
	pause(t, 2*size.resolution+time.Second)
	counted := series(t)[noDescriptors] - before
	during := logSize(t, server) - logged
	for _, c := range held {
		c.Close()
	}

	free := time.Now()
	poll.Eventually(t, 4*size.resolution, func(ctx context.Context) error {
		v, err := read(ctx, client)
		if err != nil {
			return err
		}
		for _, node := range restarted {
			if n, ok := v.nodes[node]; !ok || n.Timestamp.Time.Before(free.Truncate(time.Second)) {
				return fmt.Errorf("%s has no usage of after the connections had gone (served: %t)", node, ok)
			}
		}
		return v.complete(v.at.Sub(free))
	})
	fresh := time.Since(free)
	if err := probe(t.Context(), server, "/livez"); err != nil {
		t.Errorf("a new connection afterwards: %v", err)
	}
	served.end()
	seen.end()
	to := time.Now()
	result{
		before: served.between(from, full).String(),
		during: fmt.Sprintf("%v; %v; %d connections held, %g scrapes counted as no_descriptors, %d lines of the log in %.0f s",
			served.between(full, free), seen.between(full, free), len(held), counted, during, free.Sub(full).Seconds()),
		after: served.between(free, to).String(),
		again: fmt.Sprintf("%.1f s", fresh.Seconds()),
	}.keep(t, "no file descriptor left")
	served.between(from, to).requireServed(t, "the client with a connection")
	seen.between(from, to).requireComplete(t, "the nodes whose kubelets keep their connections", size.resolution+2*time.Second)
	if counted == 0 {
		t.Errorf("%s has not risen", noDescriptors)
	}
	if most := linesPerSecond * int(free.Sub(full)/time.Second); during > most {
		t.Errorf("%d lines of the log, want at most %d", during, most)
	}
}

// fillDescriptors opens connections until the server accepts no more, each with an authenticated client, and returns them.
func fillDescriptors(t *testing.T, server *cluster.Server) (held []net.Conn) {
	t.Helper()
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	trust, err := rest.TLSConfigFor(config)
	if err != nil {
		t.Fatal(err)
	}
	trust.NextProtos = []string{"http/1.1"}
	t.Cleanup(func() {
		for _, c := range held {
			c.Close()
		}
	})
	for range size.nodes + 2*spareDescriptors {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Port)))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
		if err := introduce(conn, trust); err != nil {
			// The kernel has accepted it, and the server has not.
			if len(held) < spareDescriptors/4 {
				t.Fatalf("connection %d: %v", len(held), err)
			}
			return append(held, queue(t, server)...)
		}
	}
	t.Fatalf("%d connections were accepted", len(held))
	return nil
}

// queue opens connections that wait for descriptors that become free.
func queue(t *testing.T, server *cluster.Server) (waiting []net.Conn) {
	t.Helper()
	for range 10 {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Port)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		waiting = append(waiting, conn)
	}
	return waiting
}

// introduce sends one request with the client's certificate, so that the server knows whose connection it is.
func introduce(conn net.Conn, config *tls.Config) error {
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	client := tls.Client(conn, config)
	if _, err := io.WriteString(client, "GET /livez HTTP/1.1\r\nHost: plimsoll\r\n\r\n"); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	_ = conn.SetDeadline(time.Time{})
	return err
}

// closeConnections has kubelets close their connections once, as when they restart.
func closeConnections(t *testing.T, nodes []string) {
	t.Helper()
	for _, node := range nodes {
		if err := env.Fleet.SetFault(node, fleet.DropConnections()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = env.Fleet.ClearFault(node) })
	}
	pause(t, size.resolution)
	for _, node := range nodes {
		if err := env.Fleet.ClearFault(node); err != nil {
			t.Fatal(err)
		}
	}
}

// logSize is how many lines a server has logged.
func logSize(t *testing.T, server *cluster.Server) int {
	t.Helper()
	text, err := os.ReadFile(server.Log())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}
