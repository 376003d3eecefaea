// Package doctor finds out why the usage of nodes and pods does not reach the clients of metrics.k8s.io, from outside of the server.
//
// Gather requests facts about a cluster: its APIServices, the rights of Plimsoll's account, clocks, nodes, autoscalers. Diagnose applies the checks to these
// facts and makes a Report, which WriteTable and WriteJSON write. The checks send nothing, so that tests can apply them to any facts. What Gather
// sends is bounded in number and time, and changes nothing in the cluster: it consists of gets, lists in pages, access reviews,
// and one TLS handshake with the Service, without credentials.
//
// Names and messages of a cluster may contain anything. They enter a Report without characters that a terminal interprets.
package doctor
