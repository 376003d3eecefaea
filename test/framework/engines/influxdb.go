package engines

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// influxDBConfig is the configuration of InfluxDB: its folder and the address of its API. What it writes about itself is left out.
const influxDBConfig = `
reporting-enabled = false
bind-address = "127.0.0.1:0"
[meta]
  dir = "%[1]s/meta"
[data]
  dir = "%[1]s/data"
  wal-dir = "%[1]s/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "%[2]s"
  auth-enabled = false
  log-enabled = false
[continuous_queries]
  enabled = false
`

// InfluxDB describes one of version 1.
type InfluxDB struct {
	// Dir is the folder of all files.
	Dir string
	// Address is where its API is, such as 127.18.0.1:80; a free port by default.
	Address string
}

// Start starts it, without any database, and returns when it is ready.
func (o InfluxDB) Start(ctx context.Context) (*Engine, error) {
	return program{
		name: "influxdb", part: parts.InfluxDB, dir: o.Dir, ports: 1, health: "/ping", address: o.Address,
		args: func(dir string, ports []int) ([]string, error) {
			config := filepath.Join(dir, "influxdb.conf")
			text := fmt.Sprintf(influxDBConfig, dir, cmp.Or(o.Address, at(ports[0])))
			return []string{"run", "-config", config}, os.WriteFile(config, []byte(text), 0o600)
		},
	}.start(ctx)
}
