package doctor

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// maxSkew is by how much clocks may differ. Plimsoll accepts readings from up to a minute ahead.
const maxSkew = 30 * time.Second

// checkClocks compares all clocks with the API server's.
func checkClocks(f *Facts, s *section) {
	if isSkew(f.ClockHere) {
		s.find(cause.ClockHere, "this machine", difference(f.ClockHere))
	}
	switch {
	case f.ClockServer.Err != nil:
		s.unknown("the clock of Plimsoll could not be read: its API did not respond")
	case isSkew(f.ClockServer.Value):
		s.find(cause.ClockServer, "service/"+f.Service.String(), difference(f.ClockServer.Value))
	}
	if f.Target.Pod.Name != "" {
		return
	}
	if f.Leases.Err != nil {
		s.unknown("leases of nodes could not be listed: %s", reasonFor(f.Leases.Err))
	}
	for _, node := range f.Nodes.Value {
		if ahead, ok := f.nodeSkew(node.Name); ok && isSkew(ahead) {
			s.find(cause.NodeClock, "node/"+node.Name, "node "+node.Name+" is "+difference(ahead))
		}
	}
	if !s.found {
		s.ok("no more than %s from the API server's", maxSkew)
	}
}

// nodeSkew is how far the clock of a node is ahead: by its lease, or where its usage is from the future, by that.
func (f *Facts) nodeSkew(name string) (time.Duration, bool) {
	ahead, known := f.Leases.Value[name]
	if used, ok := f.Usage.Value[name]; ok && used.Timestamp.After(f.Time) {
		ahead, known = max(ahead, used.Timestamp.Sub(f.Time)), true
	}
	return ahead, known
}

func isSkew(ahead time.Duration) bool { return ahead.Abs() > maxSkew }

func difference(ahead time.Duration) string {
	if ahead < 0 {
		return ahead.Abs().Round(time.Second).String() + " behind the API server"
	}
	return ahead.Round(time.Second).String() + " ahead of the API server"
}
