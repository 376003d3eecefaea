package options

import (
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/source"
)

// defaultAge is the default of --max-age, in resolutions.
const defaultAge = 4

// ScrapeOptions are the flags about what is scraped, how often, and how long the usage is served.
type ScrapeOptions struct {
	// Resolution is the time from one scrape of a node to the next.
	Resolution time.Duration
	// MaxAge is how long the newest usage of a node is served while scrapes fail; nil means four resolutions.
	MaxAge *time.Duration
	// NodeSelector is a label selector; empty selects every node.
	NodeSelector string
	// Sources are the values of --source as written.
	Sources []string
	// ExtraResources are served in addition to cpu and memory.
	ExtraResources []string
}

// NewScrapeOptions returns the defaults.
func NewScrapeOptions() *ScrapeOptions {
	return &ScrapeOptions{Resolution: time.Minute}
}

// AddFlags adds the scrape flags.
func (o *ScrapeOptions) AddFlags(fs *pflag.FlagSet) {
	fs.DurationVar(&o.Resolution, "metric-resolution", o.Resolution, "Time from one scrape of a node to the next, at least 5s.")
	fs.Var(&optional[time.Duration]{&o.MaxAge, time.ParseDuration, "duration", "a duration such as 90s", "four times the resolution"}, "max-age",
		"How long the newest usage of a node is served while scrapes fail. With 0, a failed scrape leaves nothing to serve.")
	fs.StringVarP(&o.NodeSelector, "node-selector", "l", o.NodeSelector,
		"Label selector, such as pool=apps,tier!=edge; only nodes that match it are scraped. Empty means every node.")
	fs.StringArrayVar(&o.Sources, "source", o.Sources,
		"Where usage is scraped, PREFIX[:ADDRESS][?OPTIONS]: kubernetes is each kubelet's /metrics/resource, kubernetes.summary_api its /stats/summary, prometheus an engine that has scraped them. Repeat the flag for more sources, of the home cluster or of other clusters; docs/sources.md has the options. (default kubernetes)")
	fs.StringSliceVar(&o.ExtraResources, "extra-resources", o.ExtraResources,
		"What to serve beside cpu and memory: swap is the swap space in use, of nodes that have some; ephemeral-storage the local disk space in use, which is read less often; pressure the share of time in which tasks waited for cpu or memory, where the kernel measures it; pod the cpu and memory of each pod as a whole, by its own cgroup.")
}

// Validate returns every error in the scrape flags, except for --source, whose defaults are the kubelet flags.
func (o *ScrapeOptions) Validate() []error {
	var errs errorList
	errs.check(o.Resolution >= source.MinResolution, "--metric-resolution=%v: must be at least %v", o.Resolution, source.MinResolution)
	if o.MaxAge != nil {
		errs.check(*o.MaxAge == 0 || *o.MaxAge >= o.Resolution,
			"--max-age=%v: must be 0, or at least --metric-resolution (%v) for usage to be served until the next scrape", *o.MaxAge, o.Resolution)
	}
	if _, err := labels.Parse(o.NodeSelector); err != nil {
		errs.addf("--node-selector=%s: must be a label selector: %w", o.NodeSelector, err)
	}
	if _, err := sample.ParseResources(o.ExtraResources); err != nil {
		errs.addf("--extra-resources: %w", err)
	}
	return errs
}
