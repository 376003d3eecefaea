package world

import (
	"io"
	"regexp"
	"strconv"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// own returns a function that reads a server's own series, by one connection that it keeps.
func own(t *testing.T, server *cluster.Server) func(*testing.T) map[string]float64 {
	t.Helper()
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	line := regexp.MustCompile(`(?m)^([a-z_]+{[^}]*}) (\S+)$`)
	get := func(t *testing.T) map[string]float64 {
		t.Helper()
		response, err := client.Get(config.Host + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		series := map[string]float64{}
		for _, found := range line.FindAllStringSubmatch(string(text), -1) {
			series[found[1]], _ = strconv.ParseFloat(found[2], 64)
		}
		return series
	}
	get(t)
	return get
}
