package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// How many pods the recommender observes, and the true usage of the two containers of each: cores and bytes.
const (
	observedPods           = 3
	webCores, webBytes     = 0.437, 420 << 20
	proxyCores, proxyBytes = 0.088, 96 << 20
)

const observed = `
apiVersion: v1
kind: Namespace
metadata: {name: observed}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: observed, name: web}
spec:
  replicas: %d
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations:
        plimsoll.dev/cpu.web: "%v"
        plimsoll.dev/memory.web: "%v"
        plimsoll.dev/cpu.proxy: "%v"
        plimsoll.dev/memory.proxy: "%v"
    spec:
      containers:
      - {name: web, image: "example.invalid/web:1", resources: {requests: {cpu: 100m, memory: 64Mi}}}
      - {name: proxy, image: "example.invalid/proxy:1", resources: {requests: {cpu: 100m, memory: 64Mi}}}
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {namespace: observed, name: web}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  updatePolicy: {updateMode: "Off"}
`

// TestVerticalPodAutoscaler has the recommender of the Vertical Pod Autoscaler, with the rights of its own manifests, recommend requests by Plimsoll's
// usage. Its histograms have all samples in the bucket of the true usage, and its targets are what follows from that bucket.
func TestVerticalPodAutoscaler(t *testing.T) {
	binary := part(t, parts.VPARecommender)
	manifests, err := parts.VPAManifests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vpa-v1-crd-gen.yaml", "vpa-rbac.yaml"} {
		applyFile(t, filepath.Join(manifests, name))
	}
	if _, err := env.Run(t.Context(), "", "wait", "--for=condition=Established", "--timeout=30s", "crd/verticalpodautoscalers.autoscaling.k8s.io"); err != nil {
		t.Fatal(err)
	}
	apply(t, fmt.Sprintf(observed, observedPods, webCores, webBytes, proxyCores, proxyBytes))
	poll.Eventually(t, servedWithin, func(context.Context) error {
		if running := len(expectedPods(inNamespace("observed"))); running != observedPods {
			return fmt.Errorf("%d pods run, want %d", running, observedPods)
		}
		return nil
	})
	settle(t) // The rate of a container's first seconds is not that of the test.
	startRecommender(t, binary)
	for _, tt := range []struct {
		container    string
		cores, bytes float64
	}{{"web", webCores, webBytes}, {"proxy", proxyCores, proxyBytes}} {
		cpu, memory := bucketOf(tt.cores, 0.01), bucketOf(tt.bytes, 1e7)
		poll.Eventually(t, 3*time.Minute, func(ctx context.Context) error { return checkCheckpoint(ctx, tt.container, cpu, memory) })
		poll.Eventually(t, time.Minute, func(ctx context.Context) error { return checkRecommendation(ctx, tt.container, cpu, memory) })
	}
}

// applyFile creates the objects of a file for the time of a test.
func applyFile(t *testing.T, path string) {
	t.Helper()
	applyFrom(t, path, "")
}

// startRecommender runs it for the time of a test, with the identity of its own manifests.
func startRecommender(t *testing.T, binary string) {
	t.Helper()
	const name = "system:serviceaccount:kube-system:vpa-recommender"
	kubeconfig, err := env.KubeconfigFor(name, "system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated")
	if err != nil {
		t.Fatal(err)
	}
	port, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	p, err := process.Start(process.Options{Name: "vpa-recommender", Dir: t.TempDir(), Binary: binary, Args: []string{
		"--kubeconfig=" + kubeconfig, "--recommender-interval=5s", fmt.Sprintf("--address=127.0.0.1:%d", port),
		"--memory-aggregation-interval=20s", // A checkpoint has the peaks of intervals that have ended.
	}})
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, p)
}

// bucket is one of a histogram of the recommender: buckets grow by a twentieth.
type bucket struct {
	number int
	// end is where the next one begins.
	end float64
}

// bucketOf is the bucket of a value in a histogram whose first bucket has a width.
func bucketOf(value, first float64) bucket {
	const growth = 1.05
	begin := func(n int) float64 { return first * (math.Pow(growth, float64(n)) - 1) / (growth - 1) }
	n := int(math.Log(value*(growth-1)/first+1) / math.Log(growth))
	return bucket{n, begin(n + 1)}
}

// checkCheckpoint wants several samples of a container, all of which are in one bucket of each histogram.
func checkCheckpoint(ctx context.Context, container string, cpu, memory bucket) error {
	type histogram struct{ BucketWeights map[string]int }
	var checkpoint struct {
		Status struct {
			CPUHistogram, MemoryHistogram histogram
			TotalSamplesCount             int
		}
	}
	if err := getObject(ctx, &checkpoint, "vpacheckpoint", "web-"+container); err != nil {
		return err
	}
	status := checkpoint.Status
	if status.TotalSamplesCount < 6 {
		return fmt.Errorf("%d samples of container %s", status.TotalSamplesCount, container)
	}
	for name, of := range map[string]struct {
		histogram
		bucket
	}{"CPU": {status.CPUHistogram, cpu}, "memory": {status.MemoryHistogram, memory}} {
		if weights := of.BucketWeights; len(weights) != 1 || weights[fmt.Sprint(of.number)] == 0 {
			return fmt.Errorf("%s of container %s is in buckets %v, want all of it in %d", name, container, weights, of.number)
		}
	}
	return nil
}

// checkRecommendation wants the target of a container to be the end of the buckets and the margin of the recommender.
func checkRecommendation(ctx context.Context, container string, cpu, memory bucket) error {
	var vpa struct {
		Status struct {
			Recommendation struct {
				ContainerRecommendations []struct {
					ContainerName string
					Target        map[string]resource.Quantity
				}
			}
		}
	}
	if err := getObject(ctx, &vpa, "vpa", "web"); err != nil {
		return err
	}
	const margin = 1.15
	for _, r := range vpa.Status.Recommendation.ContainerRecommendations {
		if r.ContainerName != container {
			continue
		}
		gotCPU, gotMemory := r.Target["cpu"], r.Target["memory"]
		wantCPU, wantMemory := cpu.end*margin, memory.end*margin
		if minimum := 250 << 20 / 2.; wantMemory < minimum { // A pod gets at least 250 MiB, which its two containers share.
			wantMemory = minimum
		}
		if math.Abs(gotCPU.AsApproximateFloat64()-wantCPU) > 0.001 || math.Abs(gotMemory.AsApproximateFloat64()-wantMemory) > 10 {
			return fmt.Errorf("target of container %s is %s of CPU and %s of memory, want %.3f and %.0f", container, &gotCPU, &gotMemory, wantCPU, wantMemory)
		}
		return nil
	}
	return fmt.Errorf("no recommendation for container %s", container)
}

// getObject reads an object of the namespace.
func getObject(ctx context.Context, into any, kind, name string) error {
	text, err := env.Run(ctx, "", "get", "-n", "observed", kind, name, "-o", "json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("read %s %s: %w", kind, name, err)
	}
	return nil
}

func TestBucketOf(t *testing.T) {
	for _, tt := range []struct {
		value, first float64
		number       int
		end          float64
	}{{0.005, 0.01, 0, 0.01}, {0.0101, 0.01, 1, 0.0205}, {0.02, 0.01, 1, 0.0205}, {1.5e7, 1e7, 1, 2.05e7}} {
		if got := bucketOf(tt.value, tt.first); got.number != tt.number || math.Abs(got.end/tt.end-1) > 1e-9 {
			t.Errorf("bucket of %g is %+v, want %d, which ends at %g", tt.value, got, tt.number, tt.end)
		}
	}
}
