package faults

import (
	"net/http"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// manyContainers is how many a kubelet gives to one pod, and almostTooMany as many as a text may have that is decoded at all.
const manyContainers, almostTooMany = 99_000, 49_000

// TestKubelets has kubelets attack by the bodies of their responses.
func TestKubelets(t *testing.T) {
	noText := fleet.Status(http.StatusNotFound).On(fleet.PathResource)
	runKubelets(t, []hostile{
		{"99,000 containers of one pod", fleet.ManyContainers(manyContainers), []string{scrapes("too_many")}},
		{"49,000 containers of one pod", fleet.ManyContainers(almostTooMany), []string{rejections("too_many")}},
		{"99,000 containers of one pod in a summary", noText.Or(fleet.ManyContainers(manyContainers)), []string{rejections("too_many")}},
		{"6 million labels on a line", fleet.ManyLabels(6_000_000), []string{rejections("too_long")}},
		{"a label of 10 MiB", fleet.LongLabel(10 << 20), []string{rejections("too_long")}},
		{"4 million lines", fleet.ShortLines(4_000_000), []string{scrapes("too_many")}},
	})
}
