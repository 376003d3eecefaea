package docs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/test/docs"
)

// TestExamples reads each example as the process does, with the flags' own defaults. The files that it names need not exist.
func TestExamples(t *testing.T) {
	for _, example := range append(examples(t, docs.Source), examples(t, docs.Sink)...) {
		t.Run(name(example), func(t *testing.T) {
			opts := parse(t, example)
			if example.Mistake != "" {
				if diff := cmp.Diff(example.Mistake, mistakes(opts)); diff != "" {
					t.Errorf("what the page says of the mistake, and what Plimsoll says (-page +Plimsoll):\n%s", diff)
				}
				return
			}
			if _, err := opts.Config(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func examples(t *testing.T, flag docs.Flag) []docs.Example {
	t.Helper()
	found, err := docs.Examples(flag)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("the documentation has no example")
	}
	return found
}

func name(e docs.Example) string { return fmt.Sprintf("%s:%d", e.File, e.Line) }

// parse returns the options of an example.
func parse(t *testing.T, e docs.Example) *options.Options {
	t.Helper()
	for _, variable := range e.Env {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	opts := options.NewOptions()
	flags := pflag.NewFlagSet("plimsoll", pflag.ContinueOnError)
	for _, group := range opts.Flags().FlagSets {
		flags.AddFlagSet(group)
	}
	for _, arg := range e.Args {
		// No URL has letters for a port.
		if err := flags.Parse([]string{strings.ReplaceAll(arg, "ADDRESS:PORT", "ADDRESS:8080")}); err != nil {
			t.Fatal(err)
		}
	}
	return opts
}

// mistakes are the errors about sources and sinks with which the process would end.
func mistakes(opts *options.Options) string {
	var messages []string
	for _, err := range opts.Validate() {
		if strings.HasPrefix(err.Error(), "--source ") || strings.HasPrefix(err.Error(), "--sink ") {
			messages = append(messages, err.Error())
		}
	}
	return strings.Join(messages, "\n")
}
