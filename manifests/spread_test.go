package manifests

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// An update of two replicas needs a place for a third pod, in a cluster with two nodes for them and others that are tainted. It must not leave both new
// pods on one node either. So the pods of one ReplicaSet are spread, over the nodes that they tolerate.
func TestReplicasAreSpreadDuringAnUpdate(t *testing.T) {
	d := decode[appsv1.Deployment](t, "high-availability", renderWith(t, "high-availability")["Deployment/plimsoll"])
	want := corev1.TopologySpreadConstraint{
		TopologyKey: corev1.LabelHostname, MaxSkew: 1, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: d.Spec.Selector,
		MatchLabelKeys: []string{appsv1.DefaultDeploymentUniqueLabelKey}, NodeTaintsPolicy: new(corev1.NodeInclusionPolicyHonor),
	}
	if diff := cmp.Diff(want, d.Spec.Template.Spec.TopologySpreadConstraints[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
