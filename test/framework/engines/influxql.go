package engines

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Table is one series of the result of InfluxQL.
type Table struct {
	// Name is the measurement's.
	Name string
	// Tags are those that the query grouped by.
	Tags    map[string]string
	Columns []string
	// Values are the rows. Numbers are json.Number, so that integers and floats can be distinguished; times are nanoseconds.
	Values [][]any
}

// InfluxQL runs a query in a database, which may be empty. An error inside a response with status 200 is an error.
func (e *Engine) InfluxQL(ctx context.Context, database, query string) ([]Table, error) {
	form := url.Values{"db": {database}, "q": {query}, "epoch": {"ns"}}
	body, err := post(ctx, e.URL+"/query", form.Encode())
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error   string
		Results []struct {
			Error  string
			Series []Table
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return nil, fmt.Errorf("read the answer to %s: %w: %.300s", query, err, body)
	}
	var tables []Table
	for _, r := range answer.Results {
		if r.Error != "" {
			answer.Error = r.Error
		}
		tables = append(tables, r.Series...)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("query %s: %w", query, errors.New(answer.Error))
	}
	return tables, nil
}

// Points are the values of a column with their times, without those that are null.
func (t Table) Points(column string) ([]Point, error) {
	var points []Point
	for i, name := range t.Columns {
		if name != column {
			continue
		}
		for _, row := range t.Values {
			if row[i] == nil {
				continue
			}
			point, err := pointOf(row[0], row[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.Name, err)
			}
			points = append(points, point)
		}
		return points, nil
	}
	return nil, fmt.Errorf("%s has no column %s, but %v", t.Name, column, t.Columns)
}

func pointOf(at, value any) (Point, error) {
	nanoseconds, isTime := at.(json.Number)
	number, isNumber := value.(json.Number)
	if !isTime || !isNumber {
		return Point{}, fmt.Errorf("row %v %v is no time and number", at, value)
	}
	t, err := nanoseconds.Int64()
	v, err2 := number.Float64()
	if err := errors.Join(err, err2); err != nil {
		return Point{}, fmt.Errorf("row %v %v: %w", at, value, err)
	}
	return Point{Time: time.Unix(0, t), Value: v}, nil
}
