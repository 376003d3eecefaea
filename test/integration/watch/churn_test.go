package watch

import (
	"fmt"
	"math/rand/v2"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	churned = "team-0"
	names   = 8
)

// churn changes pods, labels and nodes at random, the same for each run.
type churn struct {
	t      *testing.T
	random *rand.Rand
	exists [names]bool
	// failing is the node that fails, and until at which step; empty where none does.
	failing string
	steps   int
}

func newChurn(t *testing.T) *churn { return &churn{t: t, random: rand.New(rand.NewPCG(1, 1))} }

// step makes one change.
func (c *churn) step() {
	c.t.Helper()
	c.steps++
	if c.steps%60 == 0 {
		c.failNode()
		return
	}
	i := c.random.IntN(names)
	switch {
	case !c.exists[i]:
		c.create(i)
	case c.random.IntN(3) == 0:
		c.remove(i)
	default:
		c.label("pods", c.name(i))
	}
	if c.random.IntN(8) == 0 {
		c.label("nodes", c.node())
	}
}

func (c *churn) name(i int) string { return fmt.Sprintf("churned-%d", i) }

func (c *churn) node() string { return env.Fleet.Nodes()[c.random.IntN(nodes)] }

func (c *churn) color() string { return []string{"red", "blue"}[c.random.IntN(2)] }

// failNode has a node fail, for longer than its usage is served, and the one before it recover.
func (c *churn) failNode() {
	if c.failing != "" {
		c.check(env.Fleet.ClearFault(c.failing))
	}
	c.failing = c.node()
	c.check(env.Fleet.SetFault(c.failing, fleet.AbortedHandshake()))
}

func (c *churn) create(i int) {
	_, err := env.Client.CoreV1().Pods(churned).Create(c.t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: c.name(i), Labels: map[string]string{"color": c.color()}},
		Spec:       corev1.PodSpec{NodeName: c.node(), Containers: []corev1.Container{{Name: "app", Image: cluster.Image}}},
	}, metav1.CreateOptions{})
	if c.exists[i] = true; !apierrors.IsAlreadyExists(err) {
		c.check(err)
	}
}

func (c *churn) remove(i int) {
	now := int64(0)
	c.check(env.Client.CoreV1().Pods(churned).Delete(c.t.Context(), c.name(i), metav1.DeleteOptions{GracePeriodSeconds: &now}))
	c.exists[i] = false
}

// label gives an object another color.
func (c *churn) label(resource, name string) {
	patch := fmt.Appendf(nil, `{"metadata":{"labels":{"color":%q}}}`, c.color())
	var err error
	if resource == "nodes" {
		_, err = env.Client.CoreV1().Nodes().Patch(c.t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{})
	} else {
		_, err = env.Client.CoreV1().Pods(churned).Patch(c.t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{})
	}
	c.check(err)
}

func (c *churn) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}
