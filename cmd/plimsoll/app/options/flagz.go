package options

import (
	"strings"

	"k8s.io/apiserver/pkg/server/flagz"
)

// flagzReader reads the values of the flags for /flagz. Those of --source and --sink are shown without secrets.
type flagzReader struct{ options *Options }

// GetFlagz implements flagz.Reader.
func (f flagzReader) GetFlagz() map[string]string {
	values := flagz.NamedFlagSetsReader{FlagSets: f.options.flags}.GetFlagz()
	sources, sinks := []string{}, []string{}
	if all, err := f.options.sources(); err == nil && len(f.options.Scrape.Sources) > 0 {
		for _, s := range all {
			sources = append(sources, s.Redacted())
		}
	}
	if all, err := f.options.sinks(); err == nil {
		for _, s := range all {
			sinks = append(sinks, s.Redacted())
		}
	}
	values["source"], values["sink"] = list(sources), list(sinks)
	return values
}

// list writes values as the flags do that may be repeated.
func list(values []string) string { return "[" + strings.Join(values, ",") + "]" }
