package parts

import "context"

// The clients that read Plimsoll's API, in addition to those of the control plane.
const (
	// OldKubectl is the kubectl of Debian, which is many versions older than that of the control plane.
	OldKubectl Part = "old-kubectl"
	// VPARecommender is the recommender of the Vertical Pod Autoscaler.
	VPARecommender Part = "vpa-recommender"
	Descheduler    Part = "descheduler"
	K9s            Part = "k9s"
	// ClientNode is a folder of npm packages: the JavaScript client of Kubernetes, and the Node.js that it needs.
	ClientNode Part = "client-node"
)

// Clients are the parts of the tests of real clients, in the order of their builds.
func Clients() []Part {
	return []Part{OldKubectl, ClientNode, VPARecommender, Descheduler, K9s}
}

const (
	vpaModule         = "k8s.io/autoscaler/vertical-pod-autoscaler"
	deschedulerModule = "sigs.k8s.io/descheduler"
	k9sModule         = "github.com/derailed/k9s"
)

// clientRecipe returns the origin of a client; found is false for a part that is none.
func clientRecipe(p Part) (r recipe, found bool) {
	switch p {
	case OldKubectl:
		return recipe{debian: "kubernetes-client", program: "kubectl"}, true
	case VPARecommender:
		return recipe{folder: "vpa", module: vpaModule, main: vpaModule + "/pkg/recommender"}, true
	case Descheduler:
		// With the tag and the versions of the control plane, whose packages it shares.
		return recipe{folder: "descheduler", module: deschedulerModule, main: deschedulerModule + "/cmd/descheduler", tags: "grpcnotrace"}, true
	case K9s:
		return recipe{folder: "k9s", module: k9sModule, main: k9sModule}, true
	case ClientNode:
		return recipe{folder: "client-node", npm: "@kubernetes/client-node"}, true
	}
	return recipe{}, false
}

// VPAManifests returns the folder of the Vertical Pod Autoscaler's CustomResourceDefinitions and rights, of the version that is its part's. It is
// read-only.
func VPAManifests(ctx context.Context) (string, error) {
	return folderOfModule(ctx, VPARecommender, "deploy")
}

// DeschedulerManifests returns the folder of the descheduler's rights, of the version that is its part's. It is read-only.
func DeschedulerManifests(ctx context.Context) (string, error) {
	return folderOfModule(ctx, Descheduler, "kubernetes/base")
}
