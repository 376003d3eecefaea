package source

import (
	"strconv"
	"strings"
)

// settleAccess decides how the API server of each draft's cluster is reached. The first source of a cluster says it for all.
func settleAccess(drafts []*draft, def Defaults) {
	firsts := make(map[string]*draft)
	lost := false
	for _, d := range drafts {
		if d.unclear[cluster] {
			lost = true
			continue
		}
		first, known := firsts[d.cluster]
		switch {
		case !known:
			firsts[d.cluster] = d
			// A source that could not be read may have been the one to say it.
			d.unclear[access] = d.unclear[access] || lost && d.server == "" && d.auth == ""
			d.decideAccess(def)
		case !d.unclear[access]:
			d.checkCredentials()
			d.follow(first)
		}
	}
}

// decideAccess makes the access out of what the draft itself says.
func (d *draft) decideAccess(def Defaults) {
	if d.unclear[access] {
		return
	}
	d.api = d.ownAccess(def)
	before := len(d.mistakes)
	d.checkCredentials()
	d.checkNamed()
	d.checkReachable()
	d.checkEncrypted()
	d.unclear[access] = len(d.mistakes) > before
}

func (d *draft) ownAccess(def Defaults) Access {
	a := Access{Server: d.server, Kubeconfig: d.auth, Insecure: isTrue(d.insecure), UseServiceAccount: isTrue(d.useServiceAccount)}
	switch {
	case d.auth != "":
	case d.cluster == "" && d.takesKubeconfig():
		a.Kubeconfig = def.Kubeconfig
		a.InCluster = d.inCluster == nil && def.Kubeconfig == ""
	default:
		a.InCluster = !isFalse(d.inCluster)
	}
	return a
}

// takesKubeconfig tells whether --kubeconfig is to be used in the home cluster. An address without any configuration means that
// there are no credentials.
func (d *draft) takesKubeconfig() bool {
	return d.inCluster == nil || isFalse(d.inCluster) && d.server == ""
}

func (d *draft) checkCredentials() {
	if d.auth != "" && isTrue(d.inCluster) {
		d.wrong(": inClusterConfig=true and auth=%q contradict each other: leave out one", d.auth)
	}
}

// checkNamed refuses the home cluster under another name, and its credentials for another cluster unless they are asked for.
func (d *draft) checkNamed() {
	switch {
	case d.cluster == "":
	case d.server != "" && d.api.InCluster && d.inCluster == nil && !plain(d.server):
		d.wrong(": cluster=%q would be shown the credentials of this pod: give auth=FILE, or inClusterConfig=false for none, or inClusterConfig=true if they are meant for it", d.cluster)
	case d.server == "" && d.auth == "":
		d.wrong(": cluster=%q needs the address of its API server or auth=FILE: without them it would be the home cluster under another name", d.cluster)
	}
}

func (d *draft) checkReachable() {
	if d.cluster == "" && !d.api.InCluster && d.api.Server == "" && d.api.Kubeconfig == "" {
		d.wrong(": inClusterConfig=false leaves no way to the API server: give its address after the colon, auth=FILE or --kubeconfig")
	}
}

// checkEncrypted keeps credentials off the open network. What a file holds is not known here, so it may be a token.
func (d *draft) checkEncrypted() {
	if !plain(d.api.Server) {
		return
	}
	var holders []string
	if d.api.InCluster {
		holders = append(holders, "the in-cluster configuration")
	}
	if d.api.Kubeconfig != "" {
		holders = append(holders, "the kubeconfig "+strconv.Quote(d.api.Kubeconfig))
	}
	if d.api.UseServiceAccount {
		holders = append(holders, "useServiceAccount=true")
	}
	if len(holders) > 0 {
		d.wrong(": a token of %s would go unencrypted to %s: write https://, or give inClusterConfig=false without auth and useServiceAccount for no credentials",
			strings.Join(holders, " or "), d.api.Server)
	}
}

func plain(server string) bool { return strings.HasPrefix(server, "http://") }
