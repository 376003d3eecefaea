package source_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/source"
)

type change = func(*source.Source)

// The differences of a source from plainSource.
func api(a source.Access) change             { return func(s *source.Source) { s.API = a } }
func server(url string) change               { return api(source.Access{Server: url, InCluster: true}) }
func kubelet(f func(*source.Kubelet)) change { return func(s *source.Source) { f(&s.Kubelet) } }
func named(cluster string) change            { return func(s *source.Source) { s.Cluster = cluster } }
func notes(notes ...string) change           { return func(s *source.Source) { s.Notes = notes } }

func port(https bool, port int) change {
	return kubelet(func(k *source.Kubelet) { k.HTTPS, k.Port = https, port })
}

func every(resolution, timeout time.Duration) change {
	return func(s *source.Source) { s.Resolution, s.Kubelet.RequestTimeout = resolution, timeout }
}

// The notes on many sources that Heapster accepted.
const (
	noteEndpoint = "kubelets are scraped at /metrics/resource: they no longer have the /stats/container of Heapster"
	notePort     = "kubelets are scraped over https at port 10250, where Heapster would have used http at port 10255"
	noteToken    = "the service account's token is read again when it changes, where Heapster read it once"
	noteAuth     = "auth turns inClusterConfig off, where Heapster ignored auth unless inClusterConfig=false was given"
	noteServer   = "the address replaces the server of the kubeconfig, where Heapster ignored the address"
	noteInsecure = "insecure=true holds for the kubeconfig's server too, where Heapster ignored it"
	notePath     = "the path of the address is used, where Heapster ignored it"
	notePod      = "the API server is sent the credentials of this pod: give auth=FILE for other credentials, or inClusterConfig=false for none"
	noteHostID   = "host_id_annotation has no effect: nothing that is served has the ID of a host"
)

func noteInstead(ours, heapster string) string {
	return "kubelets are scraped over " + ours + ", where Heapster would have used " + heapster
}

func TestParse(t *testing.T) {
	summary := func(s *source.Source) { s.Kind = source.Summary }
	insecure := func(s *source.Source) { s.API.Insecure = true }
	anyCertificate := kubelet(func(k *source.Kubelet) { k.InsecureTLS = true })
	usual := notes(noteEndpoint, notePort)
	selects := func(text string) change { return func(s *source.Source) { s.NodeSelector = selector(t, text) } }

	for _, tc := range []struct {
		in      string
		changes []change
	}{
		{"kubernetes", nil},
		{"kubernetes:", nil},
		{"kubernetes:''", nil},
		{`kubernetes:""`, nil},
		{"kubernetes?", nil},
		{"kubernetes:?&&", nil},
		{"kubernetes:''?", nil},
		{"kubernetes:$EMPTY", nil},
		{"kubernetes.summary_api", []change{summary}},
		{"kubernetes.summary_api:", []change{summary}},
		{"kubernetes.summary_api:''", []change{summary}},
		{"kubernetes.summary_api?insecure=false", []change{summary, notes(notePort)}},

		// Quotes around the source, and around each part.
		{"'kubernetes'", nil},
		{`"kubernetes:''"`, nil},
		{`'kubernetes:""?'`, nil},
		{"'kubernetes'?auth=''", nil},
		{"'kubernetes.summary_api'", []change{summary}},
		{"kubernetes?auth=''", nil},
		{`kubernetes?auth=""`, nil},
		{"kubernetes:''?auth=''&nodeSelector=''", []change{selects("")}},
		{"kubernetes:'https://h'", []change{server("https://h"), usual}},
		{`kubernetes:"https://h/"`, []change{server("https://h"), usual}},
		{"'kubernetes:https://h?insecure=true'", []change{api(source.Access{Server: "https://h", InCluster: true, Insecure: true}), anyCertificate, usual}},
		{"kubernetes:'https://h?insecure=true'", []change{api(source.Access{Server: "https://h", InCluster: true, Insecure: true}), anyCertificate, usual}},
		{`kubernetes:'https://h'?insecure='true'`, []change{api(source.Access{Server: "https://h", InCluster: true, Insecure: true}), anyCertificate, usual}},
		{`'kubernetes:"https://h"?insecure="true"'`, []change{api(source.Access{Server: "https://h", InCluster: true, Insecure: true}), anyCertificate, usual}},
		{"kubernetes:'?insecure=true'", []change{insecure, anyCertificate, usual}},
		{`kubernetes?auth="/path/a b"`, []change{api(source.Access{Kubeconfig: "/path/a b"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth='f'&auth=f", []change{api(source.Access{Kubeconfig: "f"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth=%27f%22", []change{api(source.Access{Kubeconfig: `'f"`}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth=%27%27", []change{api(source.Access{Kubeconfig: "''"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?nodeSelector='a=b,c+in+(d)'", []change{selects("a=b,c in (d)")}},
		{"kubernetes?host_id_annotation='x'", []change{notes(noteEndpoint, notePort, noteHostID)}},

		// Addresses.
		{"kubernetes:https://10.0.0.1", []change{server("https://10.0.0.1"), usual}},
		{"kubernetes:https://10.0.0.1:6443/", []change{server("https://10.0.0.1:6443"), usual}},
		{"kubernetes:HTTPS://api.example.com?", []change{server("https://api.example.com"), usual}},
		{"kubernetes:https://[fd00::1]:65535", []change{server("https://[fd00::1]:65535"), usual}},
		{"kubernetes:https://h/clusters/c-1/", []change{server("https://h/clusters/c-1"), notes(noteEndpoint, notePort, notePath)}},
		{"kubernetes:https://h:1/a%40b%2Fc", []change{server("https://h:1/a%40b%2Fc"), notes(noteEndpoint, notePort, notePath)}},
		{"kubernetes:https://$HOST:6443", []change{server("https://10.0.0.1:6443"), usual}},
		{"kubernetes:https://${HOST}.example", []change{server("https://10.0.0.1.example"), usual}},
		{"kubernetes:https://h?inClusterConfig=false", []change{api(source.Access{Server: "https://h"}), usual}},
		{"kubernetes:http://127.0.0.1:8080?inClusterConfig=false", []change{
			api(source.Access{Server: "http://127.0.0.1:8080"}), port(false, 10255), notes(noteEndpoint),
		}},
		{"kubernetes:http://h?inClusterConfig=0&kubeletHttps=1", []change{
			api(source.Access{Server: "http://h"}), notes(noteEndpoint, noteInstead("https at port 10250", "https at port 10255")),
		}},

		// Who to be.
		{"kubernetes:https://127.0.0.1?inClusterConfig=false&useServiceAccount=true&auth=", []change{
			api(source.Access{Server: "https://127.0.0.1", UseServiceAccount: true}), notes(noteEndpoint, notePort, noteToken),
		}},
		{"kubernetes:https://127.0.0.1?inClusterConfig=false&insecure=true&auth=/path/kubeconfig", []change{
			api(source.Access{Server: "https://127.0.0.1", Kubeconfig: "/path/kubeconfig", Insecure: true}), anyCertificate,
			notes(noteEndpoint, notePort, noteServer, noteInsecure),
		}},
		{"kubernetes?inClusterConfig=T", []change{usual}},
		{"kubernetes?auth=", nil},
		{"kubernetes?inClusterConfig=true&auth=", []change{usual}},
		{"kubernetes?auth=f", []change{api(source.Access{Kubeconfig: "f"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth=/a%2Bb+c", []change{api(source.Access{Kubeconfig: "/a+b c"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth=/me@corp", []change{api(source.Access{Kubeconfig: "/me@corp"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth=a:b@c", []change{api(source.Access{Kubeconfig: "a:b@c"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth=a:b@c&insecure=0", []change{api(source.Access{Kubeconfig: "a:b@c"}), notes(noteEndpoint, notePort, noteAuth)}},
		{"kubernetes?auth=f&useServiceAccount=true", []change{
			api(source.Access{Kubeconfig: "f", UseServiceAccount: true}), notes(noteEndpoint, notePort, noteAuth, noteToken),
		}},
		{"kubernetes?useServiceAccount=true", []change{
			api(source.Access{InCluster: true, UseServiceAccount: true}), notes(noteEndpoint, notePort, noteToken),
		}},
		{"kubernetes?insecure=true", []change{insecure, anyCertificate, usual}},
		{"kubernetes?insecure=true&insecure=true", []change{insecure, anyCertificate, usual}},
		{"kubernetes?insecure=true&kubeletInsecureTLS=false", []change{insecure, usual}},
		{"kubernetes?insecure=true&kubeletCertificateAuthority=ca", []change{
			insecure, kubelet(func(k *source.Kubelet) { k.CAFile = "ca" }), usual,
		}},
		{"kubernetes:?$OPTIONS", []change{
			insecure, anyCertificate, port(true, 1), notes(noteEndpoint, noteInstead("https at port 1", "http at port 1")),
		}},
		{"kubernetes?host_id_annotation=a/b", []change{notes(noteEndpoint, notePort, noteHostID)}},

		// Other clusters.
		{"kubernetes:https://h?cluster=c-1&inClusterConfig=true", []change{server("https://h"), named("c-1"), notes(notePod)}},
		{"kubernetes?cluster=a&auth=f", []change{api(source.Access{Kubeconfig: "f"}), named("a")}},
		{"kubernetes:https://h?cluster=a&inClusterConfig=false", []change{api(source.Access{Server: "https://h"}), named("a")}},

		// Kubelets.
		{"kubernetes?kubeletPort=10255", []change{port(false, 10255), notes(noteEndpoint)}},
		{"kubernetes?kubeletPort=10255&kubeletHttps=true", []change{port(true, 10255), notes(noteEndpoint)}},
		{"kubernetes?kubeletHttps=true&kubeletPort=10250", []change{notes(noteEndpoint)}},
		{"kubernetes?kubeletPort=65535", []change{port(true, 65535), notes(noteEndpoint, noteInstead("https at port 65535", "http at port 65535"))}},
		{"kubernetes?kubeletHttps=false", []change{port(false, 10255), notes(noteEndpoint)}},
		{"kubernetes?kubeletHttps=false&kubeletPort=10250", []change{port(false, 10250), notes(noteEndpoint)}},
		{"kubernetes?kubeletHttps=false&kubeletInsecureTLS=false&useNodeStatusPort=false", []change{port(false, 10255), notes(noteEndpoint)}},
		{"kubernetes?insecure=true&kubeletHttps=false", []change{insecure, port(false, 10255), notes(noteEndpoint)}},
		{"kubernetes?useNodeStatusPort=true", []change{kubelet(func(k *source.Kubelet) { k.UseNodeStatusPort = true })}},
		{"kubernetes?useNodeStatusPort=true&kubeletHttps=true", []change{
			kubelet(func(k *source.Kubelet) { k.UseNodeStatusPort = true }),
			notes(noteEndpoint, noteInstead("https at the port of each Node's status", "https at port 10255")),
		}},
		{"kubernetes?kubeletPort=1&useNodeStatusPort=false", []change{
			port(true, 1), notes(noteEndpoint, noteInstead("https at port 1", "http at port 1")),
		}},
		{"kubernetes?kubeletAllowLocalAddresses=true", []change{kubelet(func(k *source.Kubelet) { k.AllowLocalAddresses = true })}},
		{"kubernetes?kubeletAllowLocalAddresses=false", nil},
		{"kubernetes?addressTypes=Hostname", []change{kubelet(func(k *source.Kubelet) { k.AddressTypes = []corev1.NodeAddressType{"Hostname"} })}},
		{"kubernetes?addressTypes=ExternalIP,ExternalDNS,InternalIP,InternalDNS", []change{kubelet(func(k *source.Kubelet) {
			k.AddressTypes = []corev1.NodeAddressType{"ExternalIP", "ExternalDNS", "InternalIP", "InternalDNS"}
		})}},
		{"kubernetes?kubeletInsecureTLS=true", []change{anyCertificate}},
		{"kubernetes?kubeletCertificateAuthority=ca&kubeletInsecureTLS=false", []change{kubelet(func(k *source.Kubelet) { k.CAFile = "ca" })}},
		{"kubernetes?kubeletClientCertificate=c&kubeletClientKey=k", []change{kubelet(func(k *source.Kubelet) { k.CertFile, k.KeyFile = "c", "k" })}},

		// Nodes and times.
		{"kubernetes?nodeSelector=", nil},
		{"kubernetes?nodeSelector", nil},
		{"kubernetes?nodeSelector=pool=apps,tier!=edge", []change{selects("pool=apps,tier!=edge")}},
		{"kubernetes?nodeSelector=pool+in+(a,b)", []change{selects("pool in (a,b)")}},
		{"kubernetes?resolution=5s", []change{every(5*time.Second, 4500*time.Millisecond), notes("requestTimeout is cut from 10s to 4.5s, nine tenths of the resolution")}},
		{"kubernetes?resolution=15s", []change{every(15*time.Second, 10*time.Second)}},
		{"kubernetes?resolution=5s&requestTimeout=4999ms", []change{every(5*time.Second, 4999*time.Millisecond)}},
		{"kubernetes?requestTimeout=59s", []change{every(time.Minute, 59*time.Second)}},
		{"kubernetes?requestTimeout=1ns", []change{every(time.Minute, 1)}},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := source.Parse(tc.in, flags(), environment)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plainSource(tc.in, tc.changes...), got, selectors); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
		})
	}
}
