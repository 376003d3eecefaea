package main

import "testing"

func TestCheckRows(t *testing.T) {
	const heading = "NAME   CPU(cores)   MEMORY(bytes)\n"
	tests := []struct {
		name, text string
		good       bool
	}{
		{"fine", heading + "a  1m  2Mi\nb  10m  20Mi\n", true},
		{"a row is missing", heading + "a  1m  2Mi\n", false},
		{"no row at all", "", false},
		{"zero CPU", heading + "a  1m  2Mi\nb  0m  20Mi\n", false},
		{"zero memory", heading + "a  1m  2Mi\nb  1m  0Mi\n", false},
		{"unknown", heading + "a  1m  2Mi\nb  <unknown>  <unknown>\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := checkRows(tt.text, 2); (err == nil) != tt.good {
				t.Errorf("got error %v", err)
			}
		})
	}
}
