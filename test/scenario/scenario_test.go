// Package scenario tests the rules of the usage that is served, as plain text. Each file in testdata is a sequence of events in a
// cluster (nodes, pods, the clock, the responses of kubelets), with the responses of the API.
//
// It covers the complete data flow: events of an API server go through the informers, the targets, the scraper, the decoders and the
// store to the registries, whose responses are compared. Only the network and the clock are simulated, and a command starts each scrape of a
// kubelet. A file that names no endpoint runs once with each, and the output must be the same.
//
// The lines of a file, in blocks with an empty line between them:
//
//	# a comment
//	endpoint resource|summary             run with this endpoint only
//	server max-age=1m swap                a new server with empty memory; it serves swap, ephemeral-storage, pressure and pod if
//	                                      they are named
//	server late-pods, list pods           a new server whose list of pods is the second command, up to 15 seconds later
//	clock +15s                            the clock begins at 10:00:00 UTC on 5 August 2026
//	node n1 cpu=4 memory=8Gi uid=u boot=b a Node object, new or changed; also swap=, path= (its annotation), cpu=none
//	pod ns/name on n1 app:a sidecar:b     a Pod object, new or changed, with its containers; also init: and ephemeral:, and
//	                                      always:, onfailure: and never: for one with a restart policy of its own, which
//	                                      may have rules, never+restart(1,2)+restart-all(!0): for these exit codes or all
//	                                      others. A running container has the start of its status, app:a@-30s;
//	                                      else it has =waiting, =backoff, =ended-before (waits, without a count),
//	                                      =terminated or =nostatus. One that ended has the exit code 0,
//	                                      or another: =terminated:137, =ended-before:1.
//	                                      Then phase=, uid=, created=, restart=Always, static, terminating; on - has no node yet
//	delete node n1, delete pod ns/name
//	scrape n1                             a scrape of the node; the response of the kubelet follows, indented:
//	  node cpu=900 mem=2Gi                its core-seconds and bytes, read now,
//	  ns/name/a cpu=12.5 mem=64Mi t=-2s   or then; also mt= for the memory alone, start=, swap=, rate=, uid=, and of the summary psi=
//	scrape n1 body                        the same; the body of the response follows as it is sent
//	scrape n1 cut                         the response is truncated before its last character
//	scrape n1 malformed=2                 two lines that cannot be parsed precede the response
//	scrape n1 fails, scrape n1 status=503
//	scrape n1 at=/path                    the request must have that path
//	scrape n1 first                       an initial scrape: the server scrapes again by itself, a second and a half later
//	followup n1                           waits for that scrape, with the response that follows
//	rates n1                              before it: the response of /stats/summary to a request for rates
//	summary n1, disks n1                  before a scrape: the response of /stats/summary where the scrape falls back to it, or
//	                                      for local disks (server ephemeral-storage): disk=5Mi and
//	                                      logs=5Mi/7Mi, with the size of the file system or without
//	pressure n1                           before a scrape: the response of /stats/summary for pressure (server pressure):
//	                                      psi=cpu-some-10s:0.53,memory-full-60s:1, in percent
//	                                      or for pods as a whole (server pod): ns/name rate=350000000 mem=120Mi
//	get pods, get nodes
//	why pod ns/name, why node n1          the response to a get of the one object
//	----                                  after the commands of a block: their output
//
// A scrape prints the reason of its failure, or the rejected readings; nothing otherwise. A pod that is served is printed as
// "ns/name age=2s window=15s a=100m/64Mi".
package scenario

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the scenarios print into their files instead of comparing with it")

func TestScenarios(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) { runFile(t, path) })
	}
}

func runFile(t *testing.T, path string) {
	for i, e := range endpoints {
		f := readFile(t, path)
		if !f.wants(e.name) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			got := f.String()
			synctest.Test(t, func(t *testing.T) { got = play(t, f, e) })
			// The second endpoint is never written: it has to agree with the first.
			if *update && (i == 0 || !f.wants(endpoints[0].name)) {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(f.String(), got); diff != "" {
				t.Errorf("%s with the endpoint %s (-want +got):\n%s", path, e.name, diff)
			}
		})
	}
}

// play returns the file with what its commands print now.
func play(t *testing.T, f *file, e endpoint) string {
	s := newSimulation(t, e)
	defer s.close()
	for i := range f.blocks {
		var out strings.Builder
		for _, c := range f.blocks[i].commands {
			if err := s.do(c, &out); err != nil {
				t.Fatalf("%s: %q: %v", f.path, c.line, err)
			}
		}
		f.got = append(f.got, out.String())
	}
	return f.played()
}
