package influxdb

import (
	"cmp"
	"math"
	"time"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// The metrics, by the names that Heapster gave them. The part before the slash is the measurement where points of an object share one.
const (
	cpuUsageRate     = "cpu/usage_rate"
	cpuUsage         = "cpu/usage"
	cpuRequest       = "cpu/request"
	cpuLimit         = "cpu/limit"
	memoryUsage      = "memory/usage"
	memoryWorkingSet = "memory/working_set"
	memoryRequest    = "memory/request"
	memoryLimit      = "memory/limit"
	networkReceived  = "network/rx"
	networkSent      = "network/tx"
	receivedRate     = "network/rx_rate"
	sentRate         = "network/tx_rate"
	filesystemUsage  = "filesystem/usage"
	filesystemLimit  = "filesystem/limit"
	uptime           = "uptime"
)

// The tag resource_id of file systems: that of the root, and that of the logs of a container.
const (
	rootFilesystem = "/"
	logs           = "logs"
)

const nanocoresPerMillicore = 1_000_000

// millicores rounds nanocores: what is cut off is a large part of a small rate.
func millicores(nanocores uint64) uint64 {
	return (nanocores + nanocoresPerMillicore/2) / nanocoresPerMillicore
}

// writeUsage writes what the store has published. Fields are integers but for rates in bytes: a server refuses a field whose type changes.
func (s *Sink) writeUsage(r *export.Record) {
	if r.Time != 0 {
		s.batch.count(cpuUsageRate, millicores(r.Rate), r.Time)
	}
	s.counter(cpuUsage, r.CPU)
	at := newest(r)
	s.amounts(cpuRequest, cpuLimit, r, cmp.Or(r.Time, at), func(a *export.Amounts) uint64 { return a.CPU })
	s.reading(memoryWorkingSet, r.Memory)
	s.amounts(memoryRequest, memoryLimit, r, cmp.Or(r.Memory.Time, at), func(a *export.Amounts) uint64 { return a.Memory })
	if r.Start > 0 && at > r.Start && (r.Details == nil || s.isLater(at, r.Details.Previous.Newest())) {
		s.batch.count(uptime, uint64((at-r.Start)/int64(time.Millisecond)), at)
	}
}

// amounts writes a request and a limit. Theirs is the time of the usage beside them.
func (s *Sink) amounts(request, limit string, r *export.Record, at int64, of func(*export.Amounts) uint64) {
	if r.Requests != nil && r.Limits != nil {
		s.reading(request, export.Reading{Value: of(r.Requests), Time: at})
		s.reading(limit, export.Reading{Value: of(r.Limits), Time: at})
	}
}

// isLater is true for a time of details that is to be written after the one before.
func (s *Sink) isLater(at, previous int64) bool {
	return export.IsLater(s.config.Interval, at, previous)
}

func (s *Sink) writeDetails(d *export.Details) {
	if d == nil {
		return
	}
	at, before := d.Times(), d.Previous
	if s.isLater(at.Memory, before.Memory) {
		s.reading(memoryUsage, d.MemoryUsage)
	}
	if s.isLater(at.Network, before.Network) {
		s.writeNetwork(d)
	}
	if s.isLater(at.Filesystem, before.Filesystem) {
		s.filesystem(rootFilesystem, d.Filesystem, d.FilesystemLimit)
	}
	if s.isLater(at.Logs, before.Logs) {
		s.filesystem(logs, d.Logs, d.LogsLimit)
	}
}

func (s *Sink) writeNetwork(d *export.Details) {
	s.counter(networkReceived, d.Received)
	s.counter(networkSent, d.Sent)
	if d.RateTime != 0 {
		s.batch.rate(receivedRate, d.ReceivedRate, d.RateTime)
		s.batch.rate(sentRate, d.SentRate, d.RateTime)
	}
}

// newest is the time of the newest value of a record; 0 where it has none.
func newest(r *export.Record) int64 {
	at := max(r.Time, r.CPU.Time, r.Memory.Time)
	if r.Details != nil {
		at = max(at, r.Details.Times().Newest())
	}
	return at
}

func (s *Sink) filesystem(id string, used, limit export.Reading) {
	s.batch.resource = id
	s.reading(filesystemUsage, used)
	s.reading(filesystemLimit, limit)
	s.batch.resource = ""
}

// counter writes a reading of which there is a rate too.
func (s *Sink) counter(metric string, r export.Reading) {
	if !s.config.DisableCounterMetrics {
		s.reading(metric, r)
	}
}

// reading writes a reading that is known.
func (s *Sink) reading(metric string, r export.Reading) {
	if r.Time != 0 && r.Value <= math.MaxInt64 {
		s.batch.count(metric, r.Value, r.Time)
	}
}
