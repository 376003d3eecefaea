// Package influxdb writes usage to InfluxDB 1, 2 and 3, and to what speaks the same protocol, such as VictoriaMetrics and Telegraf. Measurements, tags and
// fields are those of Heapster's sink of this name, so that dashboards made for that one draw; times are those of the kubelets.
package influxdb
