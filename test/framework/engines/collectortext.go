package engines

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// textReader reads the text of the collector's debug exporter, line by line.
type textReader struct {
	// wanted is the name of the metric whose data points are kept.
	wanted string
	// labels is the map that lines of attributes belong to: the resource's, the data point's or none's.
	labels          map[string]string
	resource, point map[string]string
	name            string
	time            time.Time
	found           map[string]*Series
}

// readText returns the series of a metric, in the order of their labels.
func readText(text io.Reader, metric string) ([]Series, error) {
	r := textReader{wanted: metric, found: map[string]*Series{}}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		if err := r.line(lines.Text()); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the text of the collector: %w", err)
	}
	var all []Series
	for _, key := range slices.Sorted(maps.Keys(r.found)) {
		all = append(all, *r.found[key])
	}
	return all, nil
}

func (r *textReader) line(line string) error {
	if attribute, found := strings.CutPrefix(line, "     -> "); found {
		r.attribute(attribute)
		return nil
	}
	switch key, value, _ := strings.Cut(line, ": "); {
	case strings.HasPrefix(line, "ResourceMetrics #"):
		r.resource, r.labels = nil, nil
	case line == "Resource attributes:":
		r.resource = map[string]string{}
		r.labels = r.resource
	case line == "Data point attributes:":
		r.labels = r.point
	case strings.HasPrefix(line, "NumberDataPoints #"):
		r.point, r.labels = map[string]string{}, nil
	case key == "Timestamp":
		return r.timestamp(value)
	case key == "Value":
		return r.value(value)
	default:
		r.labels = nil
	}
	return nil
}

// attribute has the form KEY: Str(VALUE). Lines of the metric's descriptor look alike.
func (r *textReader) attribute(text string) {
	key, value, _ := strings.Cut(text, ": ")
	if r.labels == nil {
		if key == "Name" {
			r.name = value
		}
		return
	}
	_, value, _ = strings.Cut(value, "(")
	r.labels[key] = strings.TrimSuffix(value, ")")
}

func (r *textReader) timestamp(text string) (err error) {
	if r.time, err = time.Parse("2006-01-02 15:04:05.999999999 -0700 MST", text); err != nil {
		return fmt.Errorf("read a time of the collector: %w", err)
	}
	return nil
}

func (r *textReader) value(text string) error {
	if r.name != r.wanted {
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("read a value of the collector: %w", err)
	}
	labels := maps.Clone(r.resource)
	maps.Copy(labels, r.point)
	key := fmt.Sprint(labels)
	if r.found[key] == nil {
		r.found[key] = &Series{Labels: labels}
	}
	r.found[key].Points = append(r.found[key].Points, Point{Time: r.time, Value: number})
	return nil
}
