package options_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/klog/v2"
)

func TestLogs(t *testing.T) {
	o := parse(t, "--logging-format=json", "-v=7")
	defer apply(t, o)()
	if !klog.V(7).Enabled() || klog.V(8).Enabled() {
		t.Errorf("verbosity 7 is %v, 8 is %v", klog.V(7).Enabled(), klog.V(8).Enabled())
	}
	if sink := fmt.Sprintf("%T", klog.Background().GetSink()); !strings.Contains(sink, "zapr") {
		t.Errorf("json logs go to a %s", sink)
	}
}

func TestLogsWithMistakesAreLeftAlone(t *testing.T) {
	o := parse(t, "--logging-format=xml", "-v=7")
	defer apply(t, o)()
	if klog.V(7).Enabled() {
		t.Error("applied in spite of the error")
	}
}

// A gate of the process itself that is not known would be remembered for ever: TestMistakes of the command has one.
func TestApplyToProcessNamesTheFlags(t *testing.T) {
	for _, arg := range []string{"--feature-gates=other:Nothing=true", "--emulated-version=other=1.36", "--min-compatibility-version=x"} {
		t.Run(arg, func(t *testing.T) {
			flag, _, _ := strings.Cut(arg, "=")
			if err := parse(t, arg).ApplyToProcess(); err == nil || !strings.Contains(err.Error(), flag) {
				t.Errorf("error %v does not name %s", err, flag)
			}
		})
	}
}
