// Package options defines the flags of plimsoll, validates them, and turns them into the configuration of the server.
//
// The command parses the command line into Options, Validate reports every error at once, and the wiring calls Config, RESTConfig and GenericConfig to
// configure each part of the server. The flags are those of metrics-server 0.9 and Plimsoll's own, such as --source and --max-age.
package options

import (
	"strconv"
	"time"

	genericoptions "k8s.io/apiserver/pkg/server/options"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/featuregate"
	"k8s.io/component-base/logs"
	logsapi "k8s.io/component-base/logs/api/v1"
	_ "k8s.io/component-base/logs/json/register" // makes --logging-format=json known
)

// Options are the flags, group by group. Make one with NewOptions; the command line is parsed into it.
type Options struct {
	// Kubeconfig is the kubeconfig of the home cluster; empty for the service account of the pod.
	Kubeconfig string
	// Sinks are the values of --sink as written.
	Sinks []string
	// CompressAnswers has large responses compressed for clients that accept it.
	CompressAnswers bool
	// Watch has the API offer watches.
	Watch bool
	// CompatibilityMetrics exposes metrics under metrics-server's names too; nil means where Program is metrics-server.
	CompatibilityMetrics *bool
	// ServingCertificateService is the Service, as NAME or NAMESPACE/NAME, for which the server makes and renews its own certificate; empty for none.
	ServingCertificateService string
	// Program is the name by which the binary was started, without its folder.
	Program string

	Scrape         *ScrapeOptions
	Kubelet        *KubeletOptions
	ServerRun      *genericoptions.ServerRunOptions
	SecureServing  *genericoptions.SecureServingOptions
	Authentication *genericoptions.DelegatingAuthenticationOptions
	Authorization  *genericoptions.DelegatingAuthorizationOptions
	Audit          *genericoptions.AuditOptions
	Features       *genericoptions.FeatureOptions
	Logs           *logsapi.LoggingConfiguration

	// flags are those of Flags.
	flags cliflag.NamedFlagSets
	gate  featuregate.FeatureGate
	// setup is why the feature gates could not be set up. Validate reports it.
	setup error
}

// watchTermination is how long the server waits for watches to end when it ends.
const watchTermination = 5 * time.Second

// NewOptions returns the defaults: those of metrics-server 0.9, except for the fields that are set here.
func NewOptions() *Options {
	registry, gate, err := newVersionRegistry()
	o := &Options{
		Watch:          true,
		Scrape:         NewScrapeOptions(),
		Kubelet:        NewKubeletOptions(),
		ServerRun:      genericoptions.NewServerRunOptionsForComponent(component, registry),
		SecureServing:  genericoptions.NewSecureServingOptions(),
		Authentication: genericoptions.NewDelegatingAuthenticationOptions(),
		Authorization:  genericoptions.NewDelegatingAuthorizationOptions(),
		Audit:          genericoptions.NewAuditOptions(),
		Features:       genericoptions.NewFeatureOptions(),
		Logs:           logs.NewOptions(),
		gate:           gate,
		setup:          err,
	}
	// At its end the server ends at least 200 watches per second, and their clients go on with another replica.
	o.ServerRun.ShutdownWatchTerminationGracePeriod = watchTermination
	// Without a port the server has nothing to do.
	o.SecureServing.Required = true
	// An autoscaler sends a request every 15 seconds: three of four times the decision is cached. An authorization that was withdrawn works that much longer.
	o.Authorization.AllowCacheTTL = time.Minute
	// Needs rights on flowcontrol.apiserver.k8s.io that few installations grant.
	o.Features.EnablePriorityAndFairness = false
	return o
}

// Flags returns the flags of every group, in the order of --help. They write into o.
func (o *Options) Flags() cliflag.NamedFlagSets {
	fss := cliflag.NamedFlagSets{NormalizeNameFunc: cliflag.WordSepNormalizeFunc}
	fs := fss.FlagSet("plimsoll")
	fs.StringVar(&o.Kubeconfig, "kubeconfig", o.Kubeconfig,
		"Kubeconfig file for the API server. Its credentials are used for the kubelets too. Inside a cluster the pod's own service account is the default.")
	fs.BoolVar(&o.CompressAnswers, "compress-answers", o.CompressAnswers,
		"Compress responses of more than 128 KiB for clients that accept it. It saves four fifths of the bytes and costs several times the CPU: for clients that list thousands of pods over a slow network.")
	fs.BoolVar(&o.Watch, "watch", o.Watch,
		"Offer watches of nodes and pods: clients are sent what changes, at each scrape, in place of lists. The right to watch is one of its own; docs/watch.md has what a watch costs.")
	named := &optional[bool]{&o.CompatibilityMetrics, strconv.ParseBool, "bool", "true or false", "true where the program is called " + metricsServer}
	fs.VarPF(named, "compatibility-metrics", "",
		"Expose metrics of the home cluster under metrics-server's names too, for alerts and dashboards that use these. Some have a label for each node.",
	).NoOptDefVal = "true"
	o.Scrape.AddFlags(fs)
	fs.StringArrayVar(&o.Sinks, "sink", o.Sinks,
		"Where usage is sent, PREFIX[:URL][?OPTIONS]: influxdb is InfluxDB and what accepts its line protocol, otlp an OpenTelemetry collector, prometheus a receiver of remote write, log the log. Repeat the flag for more sinks; docs/sinks.md has the options.")
	o.Kubelet.AddFlags(fss.FlagSet("kubelet"))
	o.ServerRun.AddUniversalFlags(fss.FlagSet("generic"))
	o.addServingFlags(&fss)
	fs = fss.FlagSet("authentication")
	o.Authentication.AddFlags(fs)
	fs.Lookup("authentication-token-webhook-cache-ttl").Usage = "How long the API server's review of a token is cached. " +
		"With 0 each request with a token is reviewed."
	o.Authorization.AddFlags(fss.FlagSet("authorization"))
	o.Audit.AddFlags(fss.FlagSet("audit"))
	fs = fss.FlagSet("features")
	o.Features.AddFlags(fs)
	fs.Lookup("enable-priority-and-fairness").Usage = "Queue requests by the cluster's FlowSchemas instead of limiting their number. " +
		"Needs the right to list and watch flowschemas and prioritylevelconfigurations of flowcontrol.apiserver.k8s.io, and to update their status."
	logsapi.AddFlags(o.Logs, fss.FlagSet("logging"))

	fs = fss.FlagSet("global")
	fs.BoolP("help", "h", false, "Print this text and exit.")
	fs.Bool("version", false, "Print the version and exit.")
	o.flags = fss
	return fss
}

// metricsServer is the program whose metrics existing alerts and dashboards use.
const metricsServer = "metrics-server"
