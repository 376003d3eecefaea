package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/rest"
)

// profiled is how long a CPU profile is taken, at most as long as the shortest step that has one.
const profiled = 10 * time.Second

// profile takes a CPU profile of the server while do runs, and one of the heap after it, if profiles are wanted.
func (s *subject) profile(ctx context.Context, name string, do func() error) error {
	if s.options.Profiles == "" {
		return do()
	}
	taken := make(chan error, 1)
	go func() { taken <- s.fetch(ctx, fmt.Sprintf("profile?seconds=%d", int(profiled.Seconds())), name+".cpu") }()
	err := do()
	if failed := <-taken; err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	return s.fetch(ctx, "heap", name+".heap")
}

// fetch writes one of the server's profiles into a file.
func (s *subject) fetch(ctx context.Context, profile, name string) error {
	file := filepath.Join(s.options.Profiles, s.result.Server+"-"+strings.NewReplacer(" ", "-", "'", "").Replace(name))
	config, err := s.ConfigFor("bench-profiler", "system:masters")
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("make a client of %s: %w", s.result.Server, err)
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+"/debug/pprof/"+profile, nil)
	if err != nil {
		return fmt.Errorf("profile %s: %w", s.result.Server, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("profile %s: %w", s.result.Server, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("profile %s: the server returns %s", s.result.Server, response.Status)
	}
	return store(file, response.Body)
}

func store(file string, content io.Reader) error {
	data, err := io.ReadAll(content)
	if err != nil {
		return fmt.Errorf("read what becomes %s: %w", file, err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	return nil
}
