package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/plimsoll/plimsoll/pkg/source"
)

func TestParseAll(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   []string
		// want are the accesses, one for each source.
		want []source.Access
	}{
		{"none", nil, []source.Access{{InCluster: true}}},
		{"pools of the home cluster", []string{"kubernetes?nodeSelector=a", "kubernetes.summary_api"}, []source.Access{{InCluster: true}, {InCluster: true}}},
		{"the first source decides for all", []string{"kubernetes:https://h?auth=f&insecure=true&nodeSelector=a", "kubernetes"},
			[]source.Access{{Server: "https://h", Kubeconfig: "f", Insecure: true}, {Server: "https://h", Kubeconfig: "f", Insecure: true}}},
		{"repeated", []string{"kubernetes:https://h/?auth=f&nodeSelector=a", "kubernetes:https://h?auth=f&inClusterConfig=false&insecure=false&useServiceAccount=false"},
			[]source.Access{{Server: "https://h", Kubeconfig: "f"}, {Server: "https://h", Kubeconfig: "f"}}},
		{"repeated in part", []string{"kubernetes:http://h?inClusterConfig=false&nodeSelector=a", "kubernetes:http://h"},
			[]source.Access{{Server: "http://h"}, {Server: "http://h"}}},
		{"a default repeated", []string{"kubernetes?nodeSelector=a", "kubernetes?inClusterConfig=true"}, []source.Access{{InCluster: true}, {InCluster: true}}},
		{"the address given once", []string{"kubernetes:https://h?cluster=a&inClusterConfig=false&nodeSelector=a", "kubernetes?cluster=a"},
			[]source.Access{{Server: "https://h"}, {Server: "https://h"}}},
		{"two clusters", []string{"kubernetes", "kubernetes?cluster=a&auth=f", "kubernetes?cluster=b&auth=f"},
			[]source.Access{{InCluster: true}, {Kubeconfig: "f"}, {Kubeconfig: "f"}}},
		{"selectors that overlap", []string{"kubernetes?nodeSelector=a,b", "kubernetes?nodeSelector=a", "kubernetes?nodeSelector=b", "kubernetes"},
			[]source.Access{{InCluster: true}, {InCluster: true}, {InCluster: true}, {InCluster: true}}},
		{"selectors that differ in values", []string{"kubernetes?nodeSelector=a=b", "kubernetes?nodeSelector=a!=b", "kubernetes?nodeSelector=a+in+(b,c)"},
			[]source.Access{{InCluster: true}, {InCluster: true}, {InCluster: true}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sources, err := source.ParseAll(tc.in, flags(), environment)
			if err != nil {
				t.Fatal(err)
			}
			var got []source.Access
			for _, s := range sources {
				got = append(got, s.API)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("accesses (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParseAllInheritsInsecure pins that a cluster's certificates are not verified by any of its sources, or by all.
func TestParseAllInheritsInsecure(t *testing.T) {
	got, err := source.ParseAll([]string{"kubernetes?insecure=true&nodeSelector=a", "kubernetes"}, flags(), environment)
	if err != nil {
		t.Fatal(err)
	}
	if !got[1].API.Insecure || !got[1].Kubelet.InsecureTLS {
		t.Errorf("the second source verifies: %+v", got[1])
	}
}

// TestParseAllInheritsPlain pins that a source without an address of its own follows its cluster's to the read-only port.
func TestParseAllInheritsPlain(t *testing.T) {
	got, err := source.ParseAll([]string{"kubernetes:http://h?inClusterConfig=false&nodeSelector=a", "kubernetes"}, flags(), environment)
	if err != nil {
		t.Fatal(err)
	}
	if k := got[1].Kubelet; k.HTTPS || k.Port != 10255 {
		t.Errorf("the second source's kubelets: %+v", k)
	}
}

func TestParseAllMistakes(t *testing.T) {
	const oneWay = " before it: the sources of a cluster reach one API server in one way, so repeat what the first says, leave it out, or give another cluster=NAME"
	const same = " before it selects the same nodes; leave out one, or give each its own nodeSelector"
	const all = " before it selects every node; put it before that one, or give that one a nodeSelector"
	const more = " before it selects all its nodes; put it before that one, or make that one's nodeSelector narrower"
	const unnamed = " needs the address of its API server or auth=FILE: without them it would be the home cluster under another name"
	for _, tc := range []struct {
		name string
		in   []string
		want []string
	}{
		{"twice the same", []string{"kubernetes", "kubernetes.summary_api"}, []string{
			`source "kubernetes.summary_api" is never used: source "kubernetes"` + same,
		}},
		{"a selector written in two ways", []string{"kubernetes?nodeSelector=a=b,c+in+(e,d)", "kubernetes?nodeSelector=c+in+(d,e),a==b"}, []string{
			`source "kubernetes?nodeSelector=c+in+(d,e),a==b" is never used: source "kubernetes?nodeSelector=a=b,c+in+(e,d)"` + same,
		}},
		{"exclusion written in two ways", []string{"kubernetes?nodeSelector=a!=b", "kubernetes?nodeSelector=a+notin+(b)"}, []string{
			`source "kubernetes?nodeSelector=a+notin+(b)" is never used: source "kubernetes?nodeSelector=a!=b"` + same,
		}},
		{"after every node", []string{"kubernetes", "kubernetes?nodeSelector=a"}, []string{
			`source "kubernetes?nodeSelector=a" is never used: source "kubernetes"` + all,
		}},
		{"after every node, once each", []string{"kubernetes?nodeSelector=b", "kubernetes", "kubernetes?nodeSelector=a"}, []string{
			`source "kubernetes?nodeSelector=a" is never used: source "kubernetes"` + all,
		}},
		{"after two that take every node it selects", []string{"kubernetes?nodeSelector=a", "kubernetes", "kubernetes?nodeSelector=a,b"}, []string{
			`source "kubernetes?nodeSelector=a,b" is never used: source "kubernetes?nodeSelector=a"` + more,
		}},
		{"after more nodes", []string{"kubernetes?nodeSelector=a", "kubernetes?nodeSelector=a,b=c"}, []string{
			`source "kubernetes?nodeSelector=a,b=c" is never used: source "kubernetes?nodeSelector=a"` + more,
		}},
		{"in another cluster", []string{"kubernetes", "kubernetes?cluster=a&auth=f", "kubernetes?cluster=a"}, []string{
			`source "kubernetes?cluster=a" is never used: source "kubernetes?cluster=a&auth=f"` + same,
		}},
		{"another address", []string{"kubernetes?nodeSelector=a", "kubernetes:https://h"}, []string{
			`source "kubernetes:https://h": the address is "https://h", but "" for source "kubernetes?nodeSelector=a"` + oneWay,
		}},
		{"another access", []string{"kubernetes:https://h?auth=f&nodeSelector=a", "kubernetes:https://i?auth=g&insecure=true&useServiceAccount=true"}, []string{
			`source "kubernetes:https://i?auth=g&insecure=true&useServiceAccount=true": the address is "https://i", but "https://h" for source "kubernetes:https://h?auth=f&nodeSelector=a"` + oneWay,
			`source "kubernetes:https://i?auth=g&insecure=true&useServiceAccount=true": auth is "g", but "f" for source "kubernetes:https://h?auth=f&nodeSelector=a"` + oneWay,
			`source "kubernetes:https://i?auth=g&insecure=true&useServiceAccount=true": insecure is "true", but "false" for source "kubernetes:https://h?auth=f&nodeSelector=a"` + oneWay,
			`source "kubernetes:https://i?auth=g&insecure=true&useServiceAccount=true": useServiceAccount is "true", but "false" for source "kubernetes:https://h?auth=f&nodeSelector=a"` + oneWay,
		}},
		{"in the cluster or not", []string{"kubernetes?auth=f&nodeSelector=a", "kubernetes?inClusterConfig=true"}, []string{
			`source "kubernetes?inClusterConfig=true": inClusterConfig is "true", but "false" for source "kubernetes?auth=f&nodeSelector=a"` + oneWay,
		}},
		{"the address given too late", []string{"kubernetes?cluster=a&nodeSelector=a", "kubernetes?cluster=a&auth=f"}, []string{
			`source "kubernetes?cluster=a&nodeSelector=a": cluster="a"` + unnamed,
		}},
		{"contradictions of a later source", []string{"kubernetes?inClusterConfig=x&nodeSelector=a", "kubernetes?auth=f&inClusterConfig=true"}, []string{
			`source "kubernetes?inClusterConfig=x&nodeSelector=a": inClusterConfig="x"` + noBool,
			`source "kubernetes?auth=f&inClusterConfig=true": inClusterConfig=true and auth="f" contradict each other: leave out one`,
		}},
		{"every mistake", []string{"a", "kubernetes?kubeletPort=0", "b:c"}, []string{
			`source "a" has the unknown prefix "a": ` + twoPrefixes,
			`source "kubernetes?kubeletPort=0": kubeletPort="0"` + noPort,
			`source "b:c" has the unknown prefix "b": ` + twoPrefixes,
		}},
		{"an invalid source may be the one that decides", []string{"x:https://h?cluster=a", "kubernetes?cluster=a", "kubernetes?inClusterConfig=false"}, []string{
			`source "x:https://h?cluster=a" has the unknown prefix "x": ` + twoPrefixes,
		}},
		{"no nodes of a selector that cannot be read", []string{"kubernetes?nodeSelector=,", "kubernetes"}, []string{
			`source "kubernetes?nodeSelector=,": nodeSelector="," must be a label selector, such as pool=apps,tier!=edge: found ',', expected: !, identifier, or 'end of string'`,
		}},
		{"no password of another source", []string{"kubernetes:https://u:hunter2@h?nodeSelector=a", "kubernetes?nodeSelector=a"}, []string{
			`source "kubernetes:https://REDACTED@h?nodeSelector=a"` + noUser,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := source.ParseAll(tc.in, flags(), environment)
			checkMessages(t, err, tc.want)
		})
	}
}

// TestParseAllComparesFlags gives the selector of the flag values in no order.
func TestParseAllComparesFlags(t *testing.T) {
	r, err := labels.NewRequirement("a", selection.In, []string{"c", "b"})
	if err != nil {
		t.Fatal(err)
	}
	d := flags(func(d *source.Defaults) { d.NodeSelector = labels.NewSelector().Add(*r) })
	_, err = source.ParseAll([]string{"kubernetes", "kubernetes?nodeSelector=a+in+(b,c)"}, d, environment)
	checkMessages(t, err, []string{
		`source "kubernetes?nodeSelector=a+in+(b,c)" is never used: source "kubernetes" before it selects the same nodes; leave out one, or give each its own nodeSelector`,
	})
}
