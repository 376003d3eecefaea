package sink

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"golang.org/x/net/http/httpguts"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// values are what the text of one sink gives. A field is nil, empty or 0 where the text does not give it.
type values struct {
	Endpoint
	tenant, cluster string
	secure          *bool
	grpc            bool

	timeout            time.Duration
	queue              int
	concurrency, lines int
	influxDB           InfluxDBOptions
	interval           *time.Duration
	compression        string
	version2           bool
	attributes, labels map[string]string
}

// The errors of the setters continue a sentence that begins with the option and the value.

func toText(field func(*values) *string) func(*values, string) error {
	return func(v *values, value string) error {
		if value == "" {
			return errors.New("must not be empty: leave the option out for its default")
		}
		if strings.ContainsFunc(value, unicode.IsControl) || !utf8.ValidString(value) {
			return errors.New("must be text without control characters")
		}
		*field(v) = value
		return nil
	}
}

func toFile(field func(*values) *string) func(*values, string) error {
	return func(v *values, value string) error {
		*field(v) = value
		return flagvalue.CheckFile(value)
	}
}

func toBool(field func(*values) *bool) func(*values, string) error {
	return func(v *values, value string) (err error) {
		*field(v), err = flagvalue.ParseBool(value)
		return err
	}
}

func setSecure(v *values, value string) error {
	b, err := flagvalue.ParseBool(value)
	v.secure = &b
	return err
}

// pairs are NAME=VALUE with commas between them. No error repeats a value.
type pairs struct {
	// what is how a pair is called, and isName accepts its name.
	what   string
	isName func(string) bool
	// own are the names that each object has of itself.
	own []string
}

var (
	headerPairs    = pairs{what: "HEADER=VALUE", isName: httpguts.ValidHeaderFieldName}
	attributePairs = pairs{
		what: "NAME=VALUE", isName: func(name string) bool { return name != "" },
		own: []string{"k8s.cluster.name", "k8s.node.name", "k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.container.name"},
	}
	labelPairs = pairs{
		what: "LABEL=VALUE", own: []string{"cluster", "node", "namespace", "pod", "container"},
		isName: func(name string) bool {
			return model.LegacyValidation.IsValidLabelName(name) && !strings.HasPrefix(name, model.ReservedLabelPrefix)
		},
	}
)

func toPairs(field func(*values) *map[string]string, p pairs) func(*values, string) error {
	return func(v *values, value string) (err error) {
		*field(v), err = p.parse(value, func(value string) (string, error) { return value, nil })
		for _, name := range p.own {
			if _, given := (*field(v))[name]; given {
				return fmt.Errorf("must not have %s, which each object has of itself", name)
			}
		}
		return err
	}
}

// parse returns the pairs. Each value is passed through unescape.
func (p pairs) parse(text string, unescape func(string) (string, error)) (map[string]string, error) {
	parsed := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		value, err := unescape(strings.TrimSpace(value))
		_, twice := parsed[name]
		if !found || twice || err != nil || !p.isName(name) || !httpguts.ValidHeaderFieldValue(value) || !utf8.ValidString(name+value) {
			return nil, fmt.Errorf("must be %s pairs with commas between them, and each name once", p.what)
		}
		parsed[name] = value
	}
	return parsed, nil
}

func setTimeout(v *values, value string) (err error) {
	v.timeout, err = flagvalue.ParseDuration(value, time.Millisecond, "of at least 1ms, such as 10s")
	return err
}

// minQueue has room for some payloads.
const minQueue = 1 << 20

func setQueue(v *values, value string) error {
	q, err := resource.ParseQuantity(value)
	if err != nil || q.Value() < minQueue || q.Value() > 1<<40 {
		return errors.New("must be an amount of memory of at least 1Mi, such as 64Mi")
	}
	v.queue = int(q.Value())
	return nil
}

const maxConcurrency = 64

func setConcurrency(v *values, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxConcurrency {
		return fmt.Errorf("must be a number from 1 to %d", maxConcurrency)
	}
	v.concurrency = n
	return nil
}

func setLines(v *values, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 1e6 {
		return errors.New("must be a number of lines a minute, from 1 to 1000000")
	}
	v.lines = n
	return nil
}

// setRetention accepts what InfluxDB does, such as 0, 30d or 720h.
func setRetention(v *values, value string) error {
	if value == "0" || strings.EqualFold(value, "inf") {
		return nil
	}
	d, err := model.ParseDuration(value)
	if err != nil || time.Duration(d) < time.Hour {
		return errors.New("must be 0 for ever, or a duration of at least 1h, such as 30d")
	}
	v.influxDB.Retention = time.Duration(d)
	return nil
}

func setInterval(v *values, value string) error {
	d, err := flagvalue.ParseDuration(value, 0, "such as 1m, or 0 for each sample")
	v.interval = &d
	return err
}

func setCompression(v *values, value string) error {
	if value != "gzip" && value != "none" {
		return errors.New("must be gzip or none")
	}
	v.compression = value
	return nil
}

func setVersion(v *values, value string) error {
	if value != "1.0" && value != "2.0" {
		return errors.New("must be 1.0 or 2.0")
	}
	v.version2 = value == "2.0"
	return nil
}
