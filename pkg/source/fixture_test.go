package source_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// flags are the defaults that a command line without kubelet flags gives, with InternalIP first so that the notes are few.
func flags(changes ...func(*source.Defaults)) source.Defaults {
	d := source.Defaults{
		Kubelet: source.Kubelet{
			HTTPS: true, Port: 10250, AddressTypes: []corev1.NodeAddressType{"InternalIP", "ExternalIP"}, RequestTimeout: 10 * time.Second,
		},
		Resolution: time.Minute, NodeSelector: labels.Everything(),
	}
	for _, change := range changes {
		change(&d)
	}
	return d
}

// plainSource is what the value kubernetes gives with flags.
func plainSource(raw string, changes ...func(*source.Source)) source.Source {
	s := source.Source{
		Raw: raw, API: source.Access{InCluster: true},
		Kubelet: source.Kubelet{
			HTTPS: true, Port: 10250, RequestTimeout: 10 * time.Second,
			AddressTypes: []corev1.NodeAddressType{"InternalIP", "ExternalIP"},
		},
		NodeSelector: labels.Everything(), Resolution: time.Minute,
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"EMPTY": "", "HOST": "10.0.0.1", "OPTIONS": "insecure=true&kubeletPort=1", "SECRET_URL": "https://admin:hunter2@10.0.0.1",
		"PORT": "99999",
	}[name]
	return value, ok
}

var selectors = cmp.Comparer(func(a, b labels.Selector) bool { return a.String() == b.String() })

func checkMessages(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func selector(t *testing.T, text string) labels.Selector {
	t.Helper()
	s, err := labels.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
