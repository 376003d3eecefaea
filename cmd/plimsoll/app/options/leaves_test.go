//go:build !race

// The walk reads objects in use by reflection, without their locks.

package options_test

import (
	"fmt"
	"reflect"
	"time"
)

// leaves collects every string, number, duration and capacity of a channel that can be reached from a value, through
// unexported fields, pointers and interfaces.
type leaves struct {
	values map[string]bool
	seen   map[visit]bool
}

type visit struct {
	address uintptr
	of      reflect.Type
}

func leavesOf(root any) map[string]bool {
	l := leaves{values: map[string]bool{}, seen: map[visit]bool{}}
	l.walk(reflect.ValueOf(root))
	return l.values
}

func (l *leaves) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || l.seen[visit{v.Pointer(), v.Type()}] {
			return
		}
		l.seen[visit{v.Pointer(), v.Type()}] = true
		l.walk(v.Elem())
	case reflect.Interface:
		if !v.IsNil() {
			l.walk(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			l.walk(field)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			l.walk(v.Index(i))
		}
	case reflect.Map:
		l.walkMap(v)
	default:
		l.add(v)
	}
}

func (l *leaves) walkMap(v reflect.Value) {
	if v.IsNil() || l.seen[visit{v.Pointer(), v.Type()}] {
		return
	}
	l.seen[visit{v.Pointer(), v.Type()}] = true
	for iter := v.MapRange(); iter.Next(); {
		l.walk(iter.Key())
		l.walk(iter.Value())
	}
}

func (l *leaves) add(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Chan:
		l.values[fmt.Sprint(v.Cap())] = true
	case v.Type() == reflect.TypeFor[time.Duration]():
		l.values[time.Duration(v.Int()).String()] = true
	case v.Kind() == reflect.String, v.CanInt(), v.CanUint(), v.CanFloat():
		l.values[fmt.Sprint(v)] = true
	}
}
