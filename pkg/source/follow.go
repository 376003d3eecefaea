package source

import "fmt"

// follow takes the access of the cluster's first source. What the draft says itself must be the same.
func (d *draft) follow(first *draft) {
	if d.unclear[access] = first.unclear[access]; d.unclear[access] {
		return
	}
	d.api = first.api
	d.repeats(first, d.server != "", "the address", d.server, first.api.Server)
	d.repeats(first, d.auth != "", "auth", d.auth, first.api.Kubeconfig)
	for _, o := range []struct {
		name  string
		said  *bool
		first bool
	}{
		{"inClusterConfig", d.inCluster, first.api.InCluster},
		{"insecure", d.insecure, first.api.Insecure},
		{"useServiceAccount", d.useServiceAccount, first.api.UseServiceAccount},
	} {
		d.repeats(first, o.said != nil, o.name, fmt.Sprint(isTrue(o.said)), fmt.Sprint(o.first))
	}
}

func (d *draft) repeats(first *draft, says bool, what, said, before string) {
	if says && said != before {
		d.wrong(": %s is %q, but %q for source %v before it: the sources of a cluster reach one API server in one way, so repeat what the first says, leave it out, or give another cluster=NAME",
			what, said, before, first)
	}
}
