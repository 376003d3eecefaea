package app

import (
	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// newDecoder returns the constructor of the decoder of one node. The decoder leaves out what the filter does not expect.
func newDecoder(kind source.Kind, filter decode.Filter, extra sample.ResourceSet) func() scrape.Decoder {
	if kind == source.Summary {
		summary := decode.SummaryDecoder{Filter: filter, Extra: extra.From(sample.Summary)}
		return func() scrape.Decoder { return summary }
	}
	return func() scrape.Decoder {
		return &decode.ResourceDecoder{Filter: filter, Extra: extra.From(sample.MetricsResource)}
	}
}

// targetConfig describes how the nodes of a source are scraped. No node is at the address of an API server.
func targetConfig(s source.Source, extra sample.ResourceSet, apiServers []address.HostPort) target.Config {
	k := s.Kubelet
	c := target.Config{
		Scheme: "https", Path: target.ResourcePath, Port: k.Port, UseNodeStatusPort: k.UseNodeStatusPort, StatusPorts: k.StatusPorts,
		AddressTypes: k.AddressTypes, OneType: k.InsecureTLS || !k.HTTPS, VerifyNodeName: k.VerifyNodeName, Policy: addressPolicy(k, apiServers), Extra: extra,
	}
	if !k.HTTPS {
		c.Scheme = "http"
	}
	if s.Kind == source.Summary {
		c.Path = target.SummaryPath
	}
	return c
}

// clientConfig describes the connections to the same nodes.
func clientConfig(k source.Kubelet, apiServers []address.HostPort) kubelet.Config {
	return kubelet.Config{
		CAFile: k.CAFile, CertFile: k.CertFile, KeyFile: k.KeyFile, VerifyNodeName: k.VerifyNodeName, InsecureTLS: k.InsecureTLS, Plain: !k.HTTPS,
		Policy: addressPolicy(k, apiServers),
	}
}

func addressPolicy(k source.Kubelet, apiServers []address.HostPort) address.Policy {
	return address.Policy{AllowLocal: k.AllowLocalAddresses, APIServers: apiServers}
}
