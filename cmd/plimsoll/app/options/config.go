package options

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// Config is what Plimsoll's own flags come to.
type Config struct {
	Kubelet KubeletConfig
	Scrape  ScrapeConfig
}

// KubeletConfig says how a kubelet is reached and trusted.
type KubeletConfig struct {
	// Port is used for every node, unless UseNodeStatusPort.
	Port int
	// UseNodeStatusPort takes the port from the Node's status.
	UseNodeStatusPort bool
	// AddressTypes are in the order of preference; never empty.
	AddressTypes []corev1.NodeAddressType
	// RequestTimeout limits one request; at most nine tenths of the resolution.
	RequestTimeout time.Duration
	// InsecureTLS accepts any certificate.
	InsecureTLS bool
	// CompletelyInsecure means plain HTTP without credentials.
	CompletelyInsecure bool
	// CAFile, CertFile and KeyFile replace what the API server's client configuration has; empty leaves it.
	CAFile, CertFile, KeyFile string
}

// ScrapeConfig says what is scraped, how often, and how long the numbers live.
type ScrapeConfig struct {
	// Resolution is the time from one scrape of a node to the next.
	Resolution time.Duration
	// MaxAge is how long a node's last numbers are served when newer ones fail to come; with 0, a failed scrape leaves none.
	MaxAge time.Duration
	// NodeSelector is never nil.
	NodeSelector labels.Selector
	// Sources are never empty.
	Sources []source.Source
	// ExtraResources are what is served beside cpu and memory.
	ExtraResources []string
}

// Config translates valid options; it fails on what Validate would have refused. A request timeout that the resolution has no
// room for is cut, with one line in the log.
func (o *Options) Config(ctx context.Context) (*Config, error) {
	scrape, err := o.Scrape.config()
	if err != nil {
		return nil, err
	}
	if scrape.Sources, err = o.sources(); err != nil {
		return nil, fmt.Errorf("parse --source: %w", err)
	}
	kubelet := o.Kubelet.config()
	if most := o.Scrape.Resolution * 9 / 10; kubelet.RequestTimeout > most {
		klog.FromContext(ctx).Info("Kubelet request timeout cut to nine tenths of the metric resolution",
			"kubeletRequestTimeout", kubelet.RequestTimeout, "metricResolution", o.Scrape.Resolution, "used", most)
		kubelet.RequestTimeout = most
	}
	return &Config{Kubelet: kubelet, Scrape: scrape}, nil
}

func (o *ScrapeOptions) config() (ScrapeConfig, error) {
	selector, err := labels.Parse(o.NodeSelector)
	if err != nil {
		return ScrapeConfig{}, fmt.Errorf("parse --node-selector: %w", err)
	}
	return ScrapeConfig{
		Resolution: o.Resolution, MaxAge: o.maxAge(), NodeSelector: selector, ExtraResources: o.ExtraResources,
	}, nil
}

func (o *KubeletOptions) config() KubeletConfig {
	return KubeletConfig{
		Port:               o.Port,
		UseNodeStatusPort:  o.UseNodeStatusPort,
		AddressTypes:       o.addressTypes(),
		RequestTimeout:     o.RequestTimeout,
		InsecureTLS:        o.InsecureTLS,
		CompletelyInsecure: o.CompletelyInsecure,
		CAFile:             o.CAFile,
		CertFile:           o.CertFile,
		KeyFile:            o.KeyFile,
	}
}
