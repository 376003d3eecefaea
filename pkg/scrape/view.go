package scrape

import (
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// view is what one look at a node goes by.
type view struct {
	target target.Target
	source Source
	// conn is the connection to the kubelet.
	conn *kubelet.Conn
	// decoder is for what the target's URL answers.
	decoder Decoder
	// aimed is the target as it was told, and fallback how the node was read when the look began.
	aimed    target.Target
	fallback fallback
	// second is true where the look comes out of turn, fellBack where it goes to the summary because the other endpoint has
	// no containers.
	second, fellBack bool
	// lastStatus is the status code that the look before ended with; 0 where it ended in another way.
	lastStatus int
}

// ask is a question to the kubelet as the source asks it.
func (v view) ask(url string) question {
	return question{
		client: v.source.Client, conn: v.conn, url: url, timeout: v.source.Timeout, budget: budget(v.source.Resolution),
	}
}

// throughSummary is the same look at the kubelet's other endpoint.
func (v view) throughSummary(m *Manager) view {
	v.target.URL, v.target.SummaryURL, v.target.ExtraSummaryURL = v.target.SummaryURL, "", ""
	v.decoder, v.fellBack = m.summary, true
	return v
}
