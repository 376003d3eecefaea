//go:build unix

package main

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// suiteFlags adds the flags of two programs that metrics-server's suite starts, consume-cpu and stress, as far as they are used there.
// It returns how long the program is to run, 0 for ever, and sets the memory that it allocates.
func suiteFlags(mebibytes *int) *time.Duration {
	lasts := new(time.Duration)
	seconds := func(text string) error {
		n, err := strconv.Atoi(text)
		*lasts = time.Duration(n) * time.Second
		return err
	}
	flag.Func("duration-sec", "consume-cpu: for how many seconds to run", seconds)
	flag.Func("t", "stress: for how many seconds to run", seconds)
	flag.Func("vm-bytes", "stress: what to hold, such as 50M", func(text string) (err error) {
		*mebibytes, err = strconv.Atoi(strings.TrimSuffix(text, "M"))
		return err
	})
	flag.Func("m", "stress: the number of processes that hold memory, which has to be 1", only("1"))
	flag.Func("vm-hang", "stress: after how many seconds to let go of the memory, which has to be 0, for never", only("0"))
	return lasts
}

func only(value string) func(string) error {
	return func(text string) error {
		if text != value {
			return fmt.Errorf("only %s is possible", value)
		}
		return nil
	}
}
