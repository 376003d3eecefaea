package scrapecost

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	// nodes and resolution make some 67 scrapes a second, as 1,000 nodes at 15 seconds do.
	nodes      = 300
	resolution = 4500 * time.Millisecond
	pods       = 30
	// block keeps clear of the addresses of other fleets.
	block = 77
	// asFleet is the environment variable with which this program runs the kubelets.
	asFleet = "PLIMSOLL_BE_THE_FLEET"
)

func TestMain(m *testing.M) {
	be := beTheFleet
	switch {
	case os.Getenv(asReceiver) != "":
		be = beTheReceiver
	case os.Getenv(asFleet) == "":
		os.Exit(m.Run())
	}
	if err := be(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beTheFleet prints its addresses on standard output, and serves until standard input ends.
func beTheFleet() error {
	f, err := newFleet()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	for i := range nodes {
		fmt.Fprintln(os.Stdout, net.JoinHostPort(f.Address(i).String(), strconv.Itoa(f.Port())))
	}
	return f.Start(ctx)
}

func newFleet() (*fleet.Fleet, error) {
	f, err := fleet.New(fleet.Options{Nodes: nodes, Block: block, Readings: fleet.Housekeeping})
	if err != nil {
		return nil, err
	}
	for _, node := range f.Nodes() {
		for i := range pods {
			if err := f.AddPod(node, pod(node, i)); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

func pod(node string, i int) fleet.Pod {
	name := fmt.Sprintf("workload-%d-6d5f7c9b84-%s", i, strings.ReplaceAll(node, "-", ""))
	return fleet.Pod{
		Namespace: fmt.Sprintf("team-%d", i%8), Name: name, UID: name,
		Containers: []fleet.Container{
			{Name: "app", CPU: 0.123 + float64(i)/1000, Memory: 123_456_789 + uint64(i)*4096},
			{Name: "mesh-proxy", CPU: 0.0123, Memory: 45_678_592},
		},
	}
}

// startFleet runs the fleet in a process of its own until the benchmark ends, and returns where the kubelets are.
func startFleet(tb testing.TB) (hosts []string) {
	tb.Helper()
	return startSelf(tb, asFleet, nodes)
}

// startSelf runs this program with a variable set until the benchmark ends, and returns the first lines that it prints.
func startSelf(tb testing.TB, variable string, most int) (lines []string) {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), variable+"=1")
	c.Stderr = os.Stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		stdin.Close()
		if err := c.Wait(); err != nil {
			tb.Errorf("the other process ended: %v", err)
		}
	})
	for scanner := bufio.NewScanner(stdout); len(lines) < most && scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	if len(lines) < most {
		tb.Fatalf("the other process names %d addresses", len(lines))
	}
	return lines
}
