package source_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/source"
)

func TestParseOverFlags(t *testing.T) {
	flag := func(f func(*source.Defaults)) source.Defaults { return flags(f) }
	kubeconfig := flag(func(d *source.Defaults) { d.Kubeconfig = "home" })
	plain := flag(func(d *source.Defaults) { d.HTTPS = false })
	ofStatus := flag(func(d *source.Defaults) { d.UseNodeStatusPort = true })
	port4194 := flag(func(d *source.Defaults) { d.Port = 4194 })
	insecure := flag(func(d *source.Defaults) { d.InsecureTLS = true })
	files := flag(func(d *source.Defaults) { d.CAFile, d.CertFile, d.KeyFile = "ca", "cert", "key" })

	byKubeconfig := api(source.Access{Kubeconfig: "home"})
	trust := func(ca, cert, key string) change {
		return kubelet(func(k *source.Kubelet) { k.CAFile, k.CertFile, k.KeyFile = ca, cert, key })
	}
	byNode := flag(func(d *source.Defaults) { d.VerifyNodeName = true })
	anyCertificate := kubelet(func(k *source.Kubelet) { k.InsecureTLS = true })
	statusPort := kubelet(func(k *source.Kubelet) { k.UseNodeStatusPort = true })

	for _, tc := range []struct {
		name    string
		flags   source.Defaults
		in      string
		changes []change
	}{
		{"kubeconfig", kubeconfig, "kubernetes", []change{byKubeconfig}},
		{"kubeconfig without cluster", kubeconfig, "kubernetes?inClusterConfig=false", []change{byKubeconfig, notes(noteEndpoint, notePort)}},
		{"kubeconfig in cluster", kubeconfig, "kubernetes?inClusterConfig=true", []change{notes(noteEndpoint, notePort)}},
		{"kubeconfig and address", kubeconfig, "kubernetes:https://h", []change{
			api(source.Access{Server: "https://h", Kubeconfig: "home"}), notes(noteEndpoint, notePort),
		}},
		{"no credentials in spite of kubeconfig", kubeconfig, "kubernetes:http://h?inClusterConfig=false", []change{
			api(source.Access{Server: "http://h"}), port(false, 10255), notes(noteEndpoint),
		}},
		{"kubeconfig is for the home cluster", kubeconfig, "kubernetes:https://h?cluster=a&inClusterConfig=true", []change{
			server("https://h"), named("a"), notes(notePod),
		}},
		{"auth goes before kubeconfig", kubeconfig, "kubernetes?auth=f", []change{
			api(source.Access{Kubeconfig: "f"}), notes(noteEndpoint, notePort, noteAuth),
		}},

		{"plain", plain, "kubernetes", []change{port(false, 10250)}},
		{"plain, and the port of the status", flag(func(d *source.Defaults) { d.HTTPS, d.UseNodeStatusPort = false, true }), "kubernetes",
			[]change{port(false, 10250), statusPort}},
		{"plain by the source too", plain, "kubernetes?kubeletHttps=false", []change{port(false, 10255), notes(noteEndpoint)}},
		{"plain at a port", plain, "kubernetes?kubeletPort=1", []change{port(false, 1), notes(noteEndpoint)}},
		{"plain overruled", plain, "kubernetes?kubeletHttps=true&kubeletPort=10250", []change{notes(noteEndpoint)}},
		{"another port", port4194, "kubernetes", []change{port(true, 4194)}},
		{"another port over http", port4194, "kubernetes?kubeletHttps=false", []change{
			port(false, 4194), notes(noteEndpoint, noteInstead("http at port 4194", "http at port 10255")),
		}},
		{"port of the status", ofStatus, "kubernetes", []change{statusPort}},
		{"port of the status or one of its own", ofStatus, "kubernetes?kubeletPort=10250&kubeletHttps=true", []change{notes(noteEndpoint)}},
		{"port of the status is for https", ofStatus, "kubernetes?kubeletHttps=false", []change{port(false, 10255), notes(noteEndpoint)}},
		{"port of the status overruled", ofStatus, "kubernetes?useNodeStatusPort=false", nil},
		{"port of the status after all", plain, "kubernetes?useNodeStatusPort=true", []change{port(false, 10250), statusPort}},

		{"local addresses", flag(func(d *source.Defaults) { d.AllowLocalAddresses = true }), "kubernetes", []change{
			kubelet(func(k *source.Kubelet) { k.AllowLocalAddresses = true }),
		}},
		{"local addresses overruled", flag(func(d *source.Defaults) { d.AllowLocalAddresses = true }), "kubernetes?kubeletAllowLocalAddresses=false", nil},

		{"any certificate", insecure, "kubernetes", []change{anyCertificate}},
		{"any certificate overruled", insecure, "kubernetes?kubeletInsecureTLS=false", nil},
		{"any certificate overruled by an authority", insecure, "kubernetes?kubeletCertificateAuthority=own", []change{trust("own", "", "")}},
		{"any certificate of none", insecure, "kubernetes?kubeletPort=10255", []change{port(false, 10255), notes(noteEndpoint)}},
		{"verified by the node", byNode, "kubernetes", []change{kubelet(func(k *source.Kubelet) { k.VerifyNodeName = true })}},
		{"verified by the node, or not at all", byNode, "kubernetes?kubeletInsecureTLS=true", []change{anyCertificate}},
		{"verified by the node, or over http", byNode, "kubernetes?kubeletHttps=false", []change{port(false, 10255), notes(noteEndpoint)}},
		{"verified by the node, but for a source", byNode, "kubernetes?kubeletVerify=address", nil},
		{"verified by the node, for a source", flags(), "kubernetes?kubeletVerify=node-name", []change{kubelet(func(k *source.Kubelet) { k.VerifyNodeName = true })}},
		{"any certificate overruled by a verification", insecure, "kubernetes?kubeletVerify=node-name", []change{kubelet(func(k *source.Kubelet) { k.VerifyNodeName = true })}},
		{"insecure but for kubelets that are verified by the node", files, "kubernetes?insecure=true&kubeletVerify=node-name", []change{
			api(source.Access{InCluster: true, Insecure: true}), trust("ca", "cert", "key"), kubelet(func(k *source.Kubelet) { k.VerifyNodeName = true }),
			notes(noteEndpoint, notePort),
		}},
		{"files", files, "kubernetes", []change{trust("ca", "cert", "key")}},
		{"own authority", files, "kubernetes?kubeletCertificateAuthority=own", []change{trust("own", "cert", "key")}},
		{"own certificate", files, "kubernetes?kubeletClientCertificate=c&kubeletClientKey=k", []change{trust("ca", "c", "k")}},
		{"no authority", files, "kubernetes?kubeletInsecureTLS=true", []change{trust("", "cert", "key"), anyCertificate}},
		{"files over http", files, "kubernetes?kubeletHttps=false", []change{port(false, 10255), notes(noteEndpoint)}},
		{"insecure and an authority", files, "kubernetes?insecure=true", []change{
			api(source.Access{InCluster: true, Insecure: true}), trust("", "cert", "key"), anyCertificate,
			notes(noteEndpoint, notePort, "the kubelets' certificates are not verified, whatever --kubelet-certificate-authority says: kubeletInsecureTLS=false verifies them"),
		}},
		{"insecure but for kubelets", files, "kubernetes?insecure=true&kubeletInsecureTLS=false", []change{
			api(source.Access{InCluster: true, Insecure: true}), trust("ca", "cert", "key"), notes(noteEndpoint, notePort),
		}},

		{"resolution", flag(func(d *source.Defaults) { d.Resolution = 10 * time.Second }), "kubernetes", []change{every(10*time.Second, 9*time.Second)}},
		{"resolution overruled", flag(func(d *source.Defaults) { d.Resolution = 10 * time.Second }), "kubernetes?resolution=1h", []change{every(time.Hour, 10*time.Second)}},
		{"no selector", flag(func(d *source.Defaults) { d.NodeSelector = nil }), "kubernetes", nil},
		{"selector", flag(func(d *source.Defaults) { d.NodeSelector = selector(t, "a") }), "kubernetes", []change{
			func(s *source.Source) { s.NodeSelector = selector(t, "a") },
		}},
		{"selector overruled", flag(func(d *source.Defaults) { d.NodeSelector = selector(t, "a") }), "kubernetes?nodeSelector=", nil},
		{"addresses of another order", flag(func(d *source.Defaults) { d.AddressTypes = []corev1.NodeAddressType{"Hostname"} }), "kubernetes.summary_api?insecure=0", []change{
			func(s *source.Source) { s.Kind = source.Summary },
			kubelet(func(k *source.Kubelet) { k.AddressTypes = []corev1.NodeAddressType{"Hostname"} }),
			notes(notePort, "kubelets are reached at addresses of the types [Hostname], in that order, where Heapster used InternalIP, then ExternalIP"),
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := source.Parse(tc.in, tc.flags, environment)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plainSource(tc.in, tc.changes...), got, selectors); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tc.in, diff)
			}
		})
	}
}

func TestParseMistakesOverFlags(t *testing.T) {
	kubeconfig := func(d *source.Defaults) { d.Kubeconfig = "home" }
	for _, tc := range []struct {
		in    string
		flags source.Defaults
		want  string
	}{
		{"kubernetes:http://h", flags(kubeconfig), `a token of the kubeconfig "home" would go unencrypted to http://h: ` + toEncrypt},
		{"kubernetes?cluster=a", flags(kubeconfig), `cluster="a" needs the address of its API server or auth=FILE: without them it would be the home cluster under another name`},
		{"kubernetes?kubeletInsecureTLS=true", flags(func(d *source.Defaults) { d.HTTPS = false }),
			"kubelets are scraped over http because of --deprecated-kubelet-completely-insecure, so kubeletInsecureTLS=true cannot take effect: leave that out, or give kubeletHttps=true"},
		{"kubernetes?requestTimeout=15s", flags(func(d *source.Defaults) { d.Resolution = 15 * time.Second }),
			"requestTimeout=15s must be shorter than the resolution, 15s: shorten the one or lengthen the other"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			_, err := source.Parse(tc.in, tc.flags, environment)
			checkMessages(t, err, []string{`source "` + tc.in + `": ` + tc.want})
		})
	}
}
