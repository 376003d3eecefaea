package options_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/source"
)

func TestConfig(t *testing.T) {
	unprivileged := utilnet.PortRange{Base: 1024, Size: 65536 - 1024}
	for _, tc := range []struct {
		name string
		args []string
		want options.Config
	}{
		{name: "defaults", want: options.Config{
			Sources: []source.Source{{
				Kind: source.Resource, Raw: "kubernetes", API: source.Access{InCluster: true},
				Kubelet: source.Kubelet{
					HTTPS: true, Port: 10250, StatusPorts: unprivileged, RequestTimeout: 10 * time.Second,
					AddressTypes: []corev1.NodeAddressType{"Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"},
				},
				NodeSelector: labels.Everything(), Resolution: time.Minute,
			}},
			Watch: true,
		}},
		{name: "metrics-server", args: metricsServerArgs, want: options.Config{
			Sources: []source.Source{{
				Kind: source.Resource, Raw: "kubernetes", API: source.Access{InCluster: true},
				Kubelet: source.Kubelet{
					HTTPS: true, Port: 10250, UseNodeStatusPort: true, StatusPorts: unprivileged, RequestTimeout: 10 * time.Second, InsecureTLS: true,
					AddressTypes: []corev1.NodeAddressType{"InternalIP", "ExternalIP", "Hostname"},
				},
				NodeSelector: labels.Everything(), Resolution: 15 * time.Second,
			}},
			Watch: true,
		}},
		{
			name: "everything",
			args: []string{
				"--kubelet-port=1", "--kubelet-node-status-port-range=5-7", "--kubelet-request-timeout=2s", "--kubelet-preferred-address-types=InternalIP", "--deprecated-kubelet-completely-insecure",
				"--kubelet-certificate-authority=ca", "--kubelet-client-certificate=cert", "--kubelet-client-key=key",
				"--metric-resolution=10s", "--max-age=0", "-l", "a=b", "--source=kubernetes.summary_api:''", "--kubeconfig=file",
				"--extra-resources=swap",
			},
			want: options.Config{
				Sources: []source.Source{{
					Kind: source.Summary, Raw: "kubernetes.summary_api:''", API: source.Access{Kubeconfig: "file"},
					Kubelet: source.Kubelet{
						Port: 1, StatusPorts: utilnet.PortRange{Base: 5, Size: 3}, RequestTimeout: 2 * time.Second, AddressTypes: []corev1.NodeAddressType{"InternalIP"},
					},
					NodeSelector: labels.SelectorFromSet(labels.Set{"a": "b"}), Resolution: 10 * time.Second,
				}},
				MaxAge: new(time.Duration), ExtraResources: sample.ResourcesOf(sample.Swap), Watch: true,
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parse(t, tc.args...).Config(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sameSelector := cmp.Comparer(func(a, b labels.Selector) bool { return a.String() == b.String() })
			if diff := cmp.Diff(&tc.want, got, sameSelector); diff != "" {
				t.Errorf("Config (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfigCutsTheRequestTimeout(t *testing.T) {
	for _, tc := range []struct {
		args string
		want time.Duration
		log  bool
	}{
		{args: "--metric-resolution=15s", want: 10 * time.Second},
		{args: "--metric-resolution=10s --kubelet-request-timeout=9s", want: 9 * time.Second},
		{args: "--metric-resolution=10s", want: 9 * time.Second, log: true},
		{args: "--metric-resolution=5s --kubelet-request-timeout=1h", want: 4500 * time.Millisecond, log: true},
	} {
		t.Run(tc.args, func(t *testing.T) {
			var log bytes.Buffer
			logger := textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&log)))
			got, err := parse(t, strings.Fields(tc.args)...).Config(klog.NewContext(t.Context(), logger))
			if err != nil {
				t.Fatal(err)
			}
			if got.Sources[0].Kubelet.RequestTimeout != tc.want {
				t.Errorf("RequestTimeout = %v, want %v", got.Sources[0].Kubelet.RequestTimeout, tc.want)
			}
			if lines := strings.Count(log.String(), "\n"); (lines == 1) != tc.log || lines > 1 {
				t.Errorf("%d lines in the log:\n%s", lines, log.String())
			}
		})
	}
}

func TestConfigRefusesWhatValidateWould(t *testing.T) {
	for _, arg := range []string{"--node-selector=,,=", "--source=x"} {
		t.Run(arg, func(t *testing.T) {
			if got, err := parse(t, arg).Config(t.Context()); err == nil {
				t.Errorf("Config = %+v", got)
			}
		})
	}
}
