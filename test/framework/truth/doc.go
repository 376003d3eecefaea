// Package truth compares what a server of the metrics API returned with what the kubelets of a fleet had.
//
// Each value has to be one of the readings that a response of the pod's own node had ([fleet.Options.History]): the memory at the end of the
// window, and the CPU rate over exactly the window that is named. Values of bodies that must not be used, of another pod, of another instance of the
// container or of no pod at all are none of these, whatever they are.
package truth
