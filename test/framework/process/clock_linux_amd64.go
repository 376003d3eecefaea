package process

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// SetClock has the wall clock of the running program differ from the system's by so many whole seconds, from now on: the system's clock is
// stepped for this program alone. Its monotonic clock goes on, as it does where the system's clock is set. The program may be any that reads the time
// through the vDSO, as Go's do: the code there is replaced in the memory of this process, so it needs no preparation.
func (p *Process) SetClock(ahead time.Duration) error {
	if err := p.Suspend(); err != nil {
		return err
	}
	err := p.patchClock(int64(ahead / time.Second))
	if err != nil {
		err = fmt.Errorf("set the clock of %s: %w", p.name, err)
	}
	return errors.Join(err, p.Resume())
}

// clockFunction is the function of the vDSO by which programs read clocks.
const clockFunction = "__vdso_clock_gettime"

// clockCode replaces clockFunction: it makes the system call, and adds seconds to the result where the clock is that of the wall.
func clockCode(seconds int64) []byte {
	code := []byte{
		0xb8, 0xe4, 0, 0, 0, // mov eax, 228: clock_gettime
		0x0f, 0x05, // syscall
		0x85, 0xff, // test edi, edi: CLOCK_REALTIME is 0
		0x75, 13, // jnz to the end
		0x48, 0xb9, // mov rcx, what follows
	}
	code = binary.LittleEndian.AppendUint64(code, uint64(seconds))
	return append(code,
		0x48, 0x01, 0x0e, // add [rsi], rcx: the seconds of the result
		0xc3, // ret
	)
}

// patchClock replaces the code while the program is suspended.
func (p *Process) patchClock(seconds int64) error {
	begin, end, err := p.mapping("[vdso]")
	if err != nil {
		return err
	}
	if err := p.awaitOutside(begin, end); err != nil {
		return err
	}
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", p.PID()), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer memory.Close()
	image := make([]byte, end-begin)
	if _, err := memory.ReadAt(image, begin); err != nil {
		return fmt.Errorf("read the vDSO: %w", err)
	}
	code := clockCode(seconds)
	at, err := symbol(image, len(code))
	if err != nil {
		return err
	}
	if _, err := memory.WriteAt(code, begin+at); err != nil {
		return fmt.Errorf("write the vDSO: %w", err)
	}
	return nil
}

// symbol is where clockFunction begins, which must have room for so many bytes.
func symbol(image []byte, size int) (offset int64, err error) {
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return 0, fmt.Errorf("read the vDSO: %w", err)
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return 0, fmt.Errorf("read the functions of the vDSO: %w", err)
	}
	for _, s := range symbols {
		if s.Name == clockFunction && s.Size >= uint64(size) {
			return int64(s.Value), nil
		}
	}
	return 0, fmt.Errorf("%w: the vDSO has no function %s of %d bytes", errors.ErrUnsupported, clockFunction, size)
}

// mapping is where a part of the program's memory begins and ends.
func (p *Process) mapping(name string) (begin, end int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", p.PID()))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasSuffix(strings.TrimSpace(line), name) {
			continue
		}
		if _, err := fmt.Sscanf(line, "%x-%x", &begin, &end); err != nil {
			return 0, 0, fmt.Errorf("read the line %q: %w", line, err)
		}
		return begin, end, nil
	}
	return 0, 0, fmt.Errorf("%w: the program has no %s", errors.ErrUnsupported, name)
}

// awaitOutside waits until each thread of the suspended program has stopped outside of a part of its memory.
func (p *Process) awaitOutside(begin, end int64) error {
	for range 200 {
		inside, err := p.runsInside(begin, end)
		if err != nil || !inside {
			return err
		}
		// A thread that has to leave must run for a moment.
		if err := errors.Join(p.Resume(), p.Suspend()); err != nil {
			return err
		}
		<-time.After(5 * time.Millisecond)
	}
	return errors.New("a thread stays within the vDSO")
}

// runsInside is true where a thread has not stopped yet, or has stopped between two addresses.
func (p *Process) runsInside(begin, end int64) (bool, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", p.PID()))
	if err != nil {
		return false, err
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		fields := strings.Fields(string(text))
		at, err := strconv.ParseInt(fields[len(fields)-1], 0, 64)
		if err != nil || at >= begin && at < end {
			return true, nil //nolint:nilerr // It says that the thread runs.
		}
	}
	return false, nil
}
