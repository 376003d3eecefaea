package bench

import "fmt"

// ageSlack is the difference between two ages that counts as none, in seconds: timestamps are whole seconds.
const ageSlack = 1

// largeFleet is from how many nodes on the autoscaler's call has to be yet cheaper.
const largeFleet = 5000

// Goal is the goal of a figure.
type Goal struct {
	// Text describes it in a few words.
	Text string
	// Met is called with results that have the figure.
	Met func(own, peer *Result) bool
}

// Goals are the goals of Plimsoll in comparison with its peer, at a number of nodes and pods in all.
func Goals(nodes, pods int) map[Figure]Goal {
	autoscaler := 0.35
	if nodes >= largeFleet {
		autoscaler = 0.2
	}
	goals := map[Figure]Goal{
		HungMedian: noOlder(HungMedian, AgeMedian),
		HungTail:   noOlder(HungTail, AgeTail),
		PodsLeft: {Text: "all", Met: func(own, _ *Result) bool {
			left, ok := own.Value(PodsLeft)
			return ok && left >= float64(pods)
		}},
	}
	for f, most := range map[Figure]float64{
		StartAll: 0.2, StartCPU: 0.3, CycleCPU: 0.5, Resident: 0.3, Peak: 0.3,
		getOne.CPU(): 0.85, autoscalers.CPU(): autoscaler, allJSON.CPU(): 0.15, allProtobuf.CPU(): 0.15, allNodes.CPU(): 0.25,
	} {
		goals[f] = atMost(f, most)
	}
	return goals
}

func atMost(f Figure, most float64) Goal {
	return Goal{Text: fmt.Sprintf("≤ %.2g", most), Met: func(own, peer *Result) bool {
		got, ok := ratio(own, peer, f)
		return ok && got <= most
	}}
}

// noOlder wants Plimsoll's samples no older than it has them in good times.
func noOlder(f, good Figure) Goal {
	return Goal{Text: "as without", Met: func(own, _ *Result) bool {
		age, known := own.Value(f)
		usual, both := own.Value(good)
		return known && both && age <= usual+ageSlack
	}}
}
