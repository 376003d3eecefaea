// Package compatibility exports metrics of the home cluster under the names that metrics-server gives to its own metrics.
//
// It stands beside the data flow: it observes scrapes and what the API serves. Alerts
// and dashboards for metrics-server work on with it. Where Plimsoll has no figure of the same meaning, the nearest one is shown, and
// docs/from-metrics-server.md says which.
package compatibility
