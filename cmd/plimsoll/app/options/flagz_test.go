package options

import (
	"strings"
	"testing"
)

// TestFlagzHasNoSecrets shows flags as they were given and by default, but no password, no token, and nothing from the environment.
func TestFlagzHasNoSecrets(t *testing.T) {
	t.Setenv("PASSWORD", "hunter2")
	o := NewOptions()
	flags := o.Flags()
	for name, values := range map[string][]string{
		"sink":              {"influxdb:http://10.0.0.9:8086?user=u&pw=hunter2", "influxdb:http://10.0.0.8:8086?user=u&pw=$PASSWORD", "log:"},
		"source":            {"kubernetes:https://10.0.0.7:6443?inClusterConfig=false&cluster=west", "prometheus:http://10.0.0.6:9090?user=u&pwFile=/p&cluster=east"},
		"metric-resolution": {"20s"},
	} {
		for _, value := range values {
			set := false
			for _, fs := range flags.FlagSets {
				if f := fs.Lookup(name); f != nil {
					set = true
					if err := fs.Set(name, value); err != nil {
						t.Fatal(err)
					}
				}
			}
			if !set {
				t.Fatalf("there is no flag %s", name)
			}
		}
	}
	got := flagzReader{o}.GetFlagz()
	for name, value := range got {
		if strings.Contains(value, "hunter2") {
			t.Errorf("--%s=%s", name, value)
		}
	}
	for name, want := range map[string]string{
		"sink":              "[influxdb:http://10.0.0.9:8086?user=u&pw=REDACTED,influxdb:http://10.0.0.8:8086?user=u&pw=REDACTED,log:]",
		"source":            "[kubernetes:https://10.0.0.7:6443?inClusterConfig=false&cluster=west,prometheus:http://10.0.0.6:9090?user=u&pwFile=/p&cluster=east]",
		"metric-resolution": "20s",
		"secure-port":       "443",
	} {
		if got[name] != want {
			t.Errorf("--%s is shown as %q, want %q", name, got[name], want)
		}
	}
}
