// Package soak lets random faults happen to a large cluster for a long time, and looks for what grows, and for numbers that no kubelet had.
package soak
