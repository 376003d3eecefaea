package decode

import (
	"fmt"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// render writes a decoder's result in a form that a person can check against the body.
func render(n sample.Node, err error) string {
	var out strings.Builder
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	fmt.Fprintf(&out, "node%s\n", renderUsage(n.Usage))
	for _, p := range n.Pods {
		fmt.Fprintf(&out, "pod %q/%q uid=%q\n", p.Namespace, p.Name, p.UID)
		for _, c := range p.Containers {
			fmt.Fprintf(&out, "  container %q%s\n", c.Name, renderUsage(c.Usage))
		}
	}
	for reason, count := range n.Rejected {
		if count > 0 {
			fmt.Fprintf(&out, "rejected %s=%d\n", sample.Rejection(reason), count)
		}
	}
	return out.String()
}

func renderUsage(u sample.Usage) string {
	var out strings.Builder
	if u.Start != 0 {
		fmt.Fprintf(&out, " start=%s", renderTime(u.Start))
	}
	show := func(name string, r sample.Reading) {
		if r.Known {
			fmt.Fprintf(&out, " %s=%d@%s", name, r.Value, renderTime(r.Time))
		}
	}
	show("cpu", u.CPU)
	show("memory", u.Memory)
	for _, x := range u.Extra {
		show(strings.TrimPrefix(x.Resource.String(), "plimsoll.io/"), x.Reading)
	}
	show("rate", u.Rate)
	if out.Len() == 0 {
		return " -"
	}
	return out.String()
}

func renderTime(nanos int64) string {
	if nanos == 0 {
		return "receipt"
	}
	return time.Unix(0, nanos).UTC().Format("2006-01-02T15:04:05.999999999")
}
