package options

import (
	"strings"

	"k8s.io/apiserver/pkg/server/flagz"

	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/source"
)

// flagzReader reads the values of the flags for /flagz. Those of --source and --sink are shown without secrets; no other flag has one.
type flagzReader struct{ options *Options }

// GetFlagz implements flagz.Reader.
func (f flagzReader) GetFlagz() map[string]string {
	values := flagz.NamedFlagSetsReader{FlagSets: f.options.flags}.GetFlagz()
	values["source"], values["sink"] = redacted(f.options.Scrape.Sources, source.Redact), redacted(f.options.Sinks, sink.Redact)
	return values
}

// redacted writes values as flags are written that may be repeated.
func redacted(values []string, redact func(string) string) string {
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = redact(value)
	}
	return "[" + strings.Join(shown, ",") + "]"
}
