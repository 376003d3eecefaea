package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app"
)

// TestDoctorCommand runs the command doctor under both names of the program, at an API server that knows its own version alone.
func TestDoctorCommand(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/version" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(server.Close)
	t.Setenv("KUBECONFIG", "/dev/null")
	tests := []struct {
		name, program string
		args          []string
		code          int
		out           string
	}{
		{"a report", "plimsoll", []string{"doctor", "--server=" + server.URL}, 2, "not every check could be made"},
		{"plugin", "/usr/local/bin/kubectl-plimsoll", []string{"doctor", "--server=" + server.URL}, 2, "not every check could be made"},
		{"JSON", "plimsoll", []string{"doctor", "-o", "json", "--server=" + server.URL}, 2, `"kind": "DoctorReport"`},
		{"help", "plimsoll", []string{"doctor", "--help"}, 0, "plimsoll doctor [flags]"},
		{"help of the plugin", "kubectl-plimsoll", []string{"doctor", "--help"}, 0, "kubectl plimsoll doctor [flags]"},
		{"plugin without a command", "kubectl-plimsoll", nil, 0, "doctor"},
		{"no kubeconfig", "plimsoll", []string{"doctor"}, 2, "Error: read the kubeconfig: "},
		{"an argument too many", "plimsoll", []string{"doctor", "everything"}, 2, "Error: "},
		{"no name", "plimsoll", []string{"doctor", "node"}, 2, "Error: "},
		{"half a Service", "plimsoll", []string{"doctor", "--service=plimsoll", "--server=" + server.URL}, 2, "is not NAMESPACE/NAME"},
		{"another output", "plimsoll", []string{"doctor", "-o=yaml", "--server=" + server.URL}, 2, "neither table nor json"},
		{"an unknown code", "plimsoll", []string{"doctor", "--ignore=PLM-X", "--server=" + server.URL}, 2, "there is no such code"},
		{"an unknown command of the plugin", "kubectl-plimsoll", []string{"serve"}, 2, "Error: unknown command"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if err := logsapi.ResetForTest(nil); err != nil {
					t.Error(err)
				}
				klog.StopFlushDaemon()
			}()
			var out bytes.Buffer
			cmd := app.CommandFor(tt.program, mustNotRun)
			cmd.SetContext(t.Context())
			cmd.SetOut(&out)
			cmd.SetErr(&out)
			if code := app.Execute(cmd, append([]string{}, tt.args...)); code != tt.code || !strings.Contains(out.String(), tt.out) {
				t.Errorf("exit code %d, want %d and %q in:\n%s", code, tt.code, tt.out, out.String())
			}
			if tt.name == "JSON" && !json.Valid(out.Bytes()) {
				t.Errorf("there is more than JSON:\n%s", out.String())
			}
		})
	}
}
