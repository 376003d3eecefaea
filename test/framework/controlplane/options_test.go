package controlplane

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

func TestOptionsComplete(t *testing.T) {
	both := parts.Binaries{parts.Etcd: "/etcd", parts.KubeAPIServer: "/kube-apiserver"}
	used := t.TempDir()
	if err := os.Mkdir(filepath.Join(used, "etcd"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		options Options
		want    []string
	}{
		{"the least", Options{Dir: t.TempDir(), Binaries: both}, nil},
		{"everything wrong at once", Options{ControllerManager: true, Scheduler: true}, []string{
			"binary of etcd", "binary of kube-apiserver", "binary of kube-controller-manager", "binary of kube-scheduler", "a folder of its own",
		}},
		{"an autoscaler without its home", Options{Dir: t.TempDir(), Binaries: both, AutoscalerFast: true}, []string{"AutoscalerFast needs"}},
		{"a folder in use", Options{Dir: used, Binaries: both}, []string{"already holds a control plane"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.options.complete()
			if (err != nil) != (test.want != nil) {
				t.Fatalf("error: %v, want one with %q", err, test.want)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not contain %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestFileName(t *testing.T) {
	tests := []struct {
		name   string
		user   string
		groups []string
		want   string
	}{
		{"plain", "ann", nil, "ann"},
		{"with groups", "ann", []string{"readers"}, "ann-b22df988"},
		{"with other groups", "ann", []string{"writers"}, "ann-56188bee"},
		{"with a path in it", "../x/y", nil, ".._x_y-a0d2a481"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, fileName(test.user, test.groups)); diff != "" {
				t.Errorf("file name (-want +got):\n%s", diff)
			}
		})
	}
}
