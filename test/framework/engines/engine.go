package engines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// ErrMissing is in the error about an engine whose program this machine does not have and cannot build.
var ErrMissing = errors.New("the program is missing")

const (
	stopGrace   = 20 * time.Second
	readyWithin = time.Minute
	// attempts bounds how often an engine is started again because another program took one of its ports.
	attempts = 3
)

// Engine is an engine that runs, at ports that it keeps when it is started again. The caller ends it with Stop.
type Engine struct {
	*process.Process
	// Dir has its data and its log.
	Dir string
	// URL is the address of its HTTP API, without a slash at the end.
	URL string
	// ports are all that it listens at; the first is that of URL.
	ports []int
	// health is the path that returns 2xx once it is ready; empty where it is ready as soon as it responds at all.
	health string
}

// program is an engine that is to be started.
type program struct {
	name string
	part parts.Part
	// dir is the caller's folder, in which the engine has one of its own.
	dir string
	// ports is how many it listens at.
	ports int
	// args returns its arguments, and writes the files that they name into its folder.
	args   func(dir string, ports []int) ([]string, error)
	health string
	// address is that of its HTTP API where that is not the first of its ports.
	address string
}

// start starts a program and returns when it is ready.
func (p program) start(ctx context.Context) (*Engine, error) {
	binaries, err := parts.Ensure(ctx, os.Stderr, p.part)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMissing, p.part, err)
	}
	for range attempts {
		var e *Engine
		e, err = p.try(ctx, binaries[p.part])
		var failed *process.Error
		if err == nil {
			return e, nil
		}
		if !errors.As(err, &failed) || !failed.PortTaken() {
			break
		}
	}
	return nil, err
}

// try starts a program once. A program that does not become ready has ended when try returns.
func (p program) try(ctx context.Context, binary string) (*Engine, error) {
	ports, err := process.FreePorts(p.ports)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(p.dir, p.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of %s: %w", p.name, err)
	}
	args, err := p.args(dir, ports)
	if err != nil {
		return nil, fmt.Errorf("configure %s: %w", p.name, err)
	}
	e := &Engine{Dir: dir, URL: "http://" + cmp.Or(p.address, at(ports[0])), ports: ports, health: p.health}
	e.Process, err = process.Start(process.Options{Name: p.name, Dir: dir, Binary: binary, Args: args})
	if err != nil {
		return nil, err
	}
	return e, e.endUnlessReady(ctx)
}

// at is an address of loopback.
func at(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// Stop ends the engine in good order. Its data stays.
func (e *Engine) Stop() error { return e.Process.Stop(stopGrace) }

// Again starts an engine that has ended once more, at the same ports and with the same data, and returns when it is ready.
func (e *Engine) Again(ctx context.Context) error {
	p, err := e.Process.Again()
	if err != nil {
		return err
	}
	e.Process = p
	return e.endUnlessReady(ctx)
}

func (e *Engine) endUnlessReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	err := e.WaitReady(ctx, func(ctx context.Context) error {
		status, body, err := request(ctx, http.MethodGet, e.URL+e.health, "", nil)
		if err == nil && e.health != "" && status/100 != 2 {
			err = fmt.Errorf("%s: %d: %.300s", e.health, status, body)
		}
		return err
	})
	if err != nil {
		_ = e.Process.Stop(stopGrace) // It can only repeat the failure that is returned.
	}
	return err
}
