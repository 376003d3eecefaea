package fleet

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEachAddressIsANode(t *testing.T) {
	f, _ := newFleet(t, Options{Nodes: 256, NodePrefix: "sim"})
	start(t, f)
	client := httpClient(t)
	for _, i := range []int{0, 1, 253, 254, 255} {
		name := NodeName("sim", i)
		_, body := get(t, client, url(f, i, PathSummary))
		if !strings.Contains(body, `"nodeName": "`+name+`"`) {
			t.Errorf("%s does not respond as %s", f.Address(i), name)
		}
		if diff := cmp.Diff(Traffic{Requests: map[string]int{PathSummary: 1}, Concurrent: 1}, f.Traffic(name)); diff != "" {
			t.Errorf("traffic of %s (-want +got):\n%s", name, diff)
		}
	}
	if len(f.Nodes()) != 256 || f.Nodes()[255] != "sim-0256" {
		t.Errorf("nodes are %v", f.Nodes())
	}
}

// TestNothingListensBeyondLoopback dials the fleet's port at every other address of the machine.
func TestNothingListensBeyondLoopback(t *testing.T) {
	f, _ := newFleet(t, Options{Nodes: 2, ReadOnly: true})
	start(t, f)
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok || network.IP.IsLoopback() {
			continue
		}
		for _, port := range []int{f.Port(), f.ReadOnlyPort()} {
			conn, err := net.DialTimeout("tcp", net.JoinHostPort(network.IP.String(), strconv.Itoa(port)), time.Second)
			if err == nil {
				conn.Close()
				t.Errorf("port %d is served at %s", port, network.IP)
			}
		}
	}
}

func TestOptionsReportAllErrorsAtOnce(t *testing.T) {
	_, err := New(Options{Name: "a b", NodePrefix: "Node", Nodes: 0, Block: 256, Port: -1, ReadOnlyPort: 65536, Readings: 7, BaseCPU: -1})
	if err == nil {
		t.Fatal("bad options were accepted")
	}
	for _, part := range []string{"a b", "Node", "0 nodes", "block 256", "port -1", "read-only port 65536: give", "set ReadOnly", "readings", "CPU rate of -1"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not contain %q: %v", part, err)
		}
	}
}

func TestPortIsTaken(t *testing.T) {
	f, _ := newFleet(t, Options{Nodes: 3})
	_, err := New(Options{Nodes: 3, Port: f.Port()})
	if err == nil || !strings.Contains(err.Error(), "node-0001") {
		t.Errorf("a second fleet on one port gives %v", err)
	}
}
