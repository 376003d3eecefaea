package clients

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

const churned = `
apiVersion: v1
kind: Namespace
metadata: {name: churned}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: churned, name: churned}
spec:
  replicas: 0
  selector: {matchLabels: {app: churned}}
  template:
    metadata:
      labels: {app: churned}
      annotations: {plimsoll.dev/load-group: churned}
    spec:
      containers:
      - {name: app, image: "example.invalid/app:1", resources: {requests: {cpu: 10m}}}
`

// held is what the script informer.mjs prints: how often the informer listed and connected, the events that it had, with how many lists and objects it was
// compared, and what differed.
type held struct {
	Lists, Connects, Adds, Updates, Deletes, Compared, Objects int
	Errors, Differences                                        []string
}

// TestJavaScriptInformer has informers of the JavaScript client hold all pods in both versions of the API, exactly as lists have them, while pods come and
// go and change their usage. They list once, at their start. It takes two minutes,
// 20 with FULL=1, and half a minute with -short.
func TestJavaScriptInformer(t *testing.T) {
	seconds := 120
	switch {
	case testing.Short():
		seconds = 30
	case os.Getenv("FULL") == "1":
		seconds = 1200
	}
	apply(t, churned)
	churnUntilEnd(t)
	t.Run("versions", func(t *testing.T) {
		for _, version := range []string{"v1", "v1beta1"} {
			t.Run(version, func(t *testing.T) {
				t.Parallel()
				var h held
				javaScript(t.Context(), t, &h, "informer.mjs", strconv.Itoa(seconds), version)
				t.Logf("%+v", h)
				if len(h.Differences)+len(h.Errors) > 0 || h.Lists != 1 {
					t.Errorf("%d lists, want 1, the errors %q and the differences %q", h.Lists, h.Errors, h.Differences[:min(len(h.Differences), 20)])
				}
				if all := nodes * podsPerNode; h.Compared < seconds/6 || h.Objects < h.Compared*all || h.Updates < seconds/10*all || h.Deletes == 0 || h.Adds <= all {
					t.Errorf("too little happened, or was compared")
				}
			})
		}
	})
}

// churnUntilEnd has pods of the Deployment come, go and change their usage until the test ends.
func churnUntilEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var churning sync.WaitGroup
	t.Cleanup(churning.Wait)
	t.Cleanup(cancel)
	churning.Go(func() {
		for step := 0; ; step++ {
			replicas := []int{4, 8, 2, 6, 0, 5}[step%6]
			_, err := env.Run(ctx, "", "scale", "deployment", "-n", "churned", "churned", fmt.Sprintf("--replicas=%d", replicas))
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				err = env.Fleet.SetLoad("churned/churned", 0.2+float64(step%7))
			}
			if err != nil {
				t.Error(err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(4 * time.Second):
			}
		}
	})
}
