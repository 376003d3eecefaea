package realnode

import (
	"runtime"
	"strings"
	"testing"
)

func TestCheckReportsWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := Check()
	if err == nil {
		t.Fatal("no error")
	}
	wants := []string{"a real node needs runc, ip, mount", "apt-get install -y --no-install-recommends runc iproute2 mount"}
	if runtime.GOOS != "linux" {
		wants = []string{"a real node needs Linux"}
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not contain %q: %v", want, err)
		}
	}
}
