//go:build !race

package options_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericapiserver "k8s.io/apiserver/pkg/server"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/rest"
	logsapi "k8s.io/component-base/logs/api/v1"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

// outcome is everything that follows from a command line.
type outcome struct {
	Config  *options.Config
	REST    *rest.Config
	Generic *genericapiserver.RecommendedConfig
	// Gate is whether the process's feature gate StorageVersionHash was on when this was built.
	Gate bool
	// Logs are handed to the library as they are; TestLogs sees them take effect.
	Logs logsapi.LoggingConfiguration
}

const gate = "StorageVersionHash"

func build(t *testing.T, args []string) *outcome {
	t.Helper()
	o := parse(t, args...)
	defer apply(t, o)()
	if errs := o.Validate(); len(errs) > 0 {
		t.Fatal(errs)
	}
	config, err := o.Config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client, err := options.RESTConfig(config.Sources[0].API)
	if err != nil {
		t.Fatal(err)
	}
	generic, err := o.GenericConfig(t.Context(), serializer.NewCodecFactory(runtime.NewScheme()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := generic.SecureServing.Listener.Close(); err != nil {
			t.Error(err)
		}
	})
	return &outcome{Config: config, REST: client, Generic: generic, Gate: utilfeature.DefaultFeatureGate.Enabled(gate), Logs: *o.Logs}
}

// effect is how a flag is set and where its effect is visible.
type effect struct {
	// value is what the flag is set to. Without a probe it must appear in the outcome, and only where the flag is set.
	value string
	// probe returns what has to differ from the outcome without the flag.
	probe func(*outcome) any
}

// TestEveryFlagTakesEffect sets each flag of the command to something else than its default and searches for it in the outcome.
func TestEveryFlagTakesEffect(t *testing.T) {
	f := newFiles(t)
	untested := parseFlags(options.NewOptions())
	for name := range notVisible {
		takeFlag(t, untested, name)
	}
	serving := []string{"--bind-address=127.0.0.1", "--cert-dir=" + f.dir}
	for _, s := range scenarios(f) {
		t.Run(s.name, func(t *testing.T) {
			given := slices.Concat(f.usual(), serving, s.given)
			without := build(t, append(given, "--secure-port="+freePort(t)))
			args := append(given, "--secure-port="+freePort(t))
			for name, e := range s.flags {
				takeFlag(t, untested, name)
				args = append(args, "--"+name+"="+e.value)
			}
			with := build(t, args)
			before, after := leavesOf(without), leavesOf(with)
			for name, e := range s.flags {
				t.Run(name, func(t *testing.T) { e.check(t, without, with, before, after) })
			}
		})
	}
	for name := range untested {
		t.Errorf("--%s: no test sees it take effect", name)
	}
}

func (e effect) check(t *testing.T, without, with *outcome, before, after map[string]bool) {
	if e.probe != nil {
		if a, b := e.probe(without), e.probe(with); cmp.Equal(a, b) {
			t.Errorf("still %v", a)
		}
		return
	}
	switch {
	case before[e.value]:
		t.Errorf("%q is there without the flag, so it proves nothing", e.value)
	case !after[e.value]:
		t.Errorf("%q is nowhere in what was built", e.value)
	}
}

func parseFlags(o *options.Options) map[string]bool {
	names := map[string]bool{}
	for _, fs := range o.Flags().FlagSets {
		fs.VisitAll(func(f *pflag.Flag) { names[f.Name] = true })
	}
	return names
}

func takeFlag(t *testing.T, untested map[string]bool, name string) {
	t.Helper()
	if !untested[name] {
		t.Errorf("--%s: not a flag, or tested twice", name)
	}
	delete(untested, name)
}

// notVisible are the flags whose effect cannot be seen in what is built, and why.
var notVisible = map[string]string{
	"help":              "the command's own; TestHelp",
	"version":           "the command's own; TestVersion",
	"audit-log-version": "one version exists", "audit-webhook-version": "one version exists",
	"permit-port-sharing":                    "TestPermitPortSharing",
	"permit-address-sharing":                 "Go sets SO_REUSEADDR on every listener by itself",
	"authentication-tolerate-lookup-failure": "TestLookupFailure",
}

// allowed returns the paths among a few that need no authorization.
func allowed(o *outcome) any {
	paths := map[string]bool{}
	for _, path := range []string{"/healthz", "/telltale"} {
		decision, _, err := o.Generic.Authorization.Authorizer.Authorize(context.Background(), authorizer.AttributesRecord{
			User: &user.DefaultInfo{Name: user.Anonymous}, Verb: http.MethodGet, Path: path,
		})
		paths[path] = err == nil && decision == authorizer.DecisionAllow
	}
	return paths
}
