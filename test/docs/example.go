package docs

import (
	"fmt"
	"regexp"
	"strings"
)

// Example is one command line of the documentation, as far as it is about sources or about sinks.
//
// Where a reader has names of their own it has placeholders: https://ADDRESS is an API server, http://ADDRESS:PORT one that requires no
// credentials; https://ENGINE is an engine; /path/kubeconfig, /path/west.kubeconfig, /path/kubelet-ca.crt, /path/client.crt and /path/client.key are files; west is
// another cluster, pool=edge a label that some nodes have, 10250 and 10255 are the ports of kubelets. Addresses of sinks are names, or HOST.
type Example struct {
	// File is the page, as a path from the root of the repository, and Line where the block begins.
	File string
	Line int
	// Env are the variables that Args name, each NAME=VALUE.
	Env []string
	// Args are the flags that belong together, as the process gets them.
	Args []string
	// Mistake has the errors that Plimsoll reports for Args, one per line; empty where they are valid.
	Mistake string
}

// Flag is a flag of which the documentation has examples, with its equals sign.
type Flag string

// The flags.
const (
	Source Flag = "--source="
	Sink   Flag = "--sink="
)

const (
	// markOfMistake is the word behind the language of a block that shows a mistake and its message.
	markOfMistake = "mistake"
)

var (
	pages = []string{"docs/sources.md", "docs/from-heapster.md", "docs/from-prometheus-adapter.md", "docs/flags.md", "docs/security.md", "docs/troubleshooting.md", "README.md", "docs/sinks.md"}

	// flagLine is a flag by itself, or an item of a list in YAML.
	flagLine = regexp.MustCompile(`^(?:\s*(?:- |value: ))?(--\w+=\S+)$`)
	envLine  = regexp.MustCompile(`^[A-Z_]+=\S*$`)
)

// Examples returns every example of the documentation that has the flag. The flags of one block belong together. An error names the line that resembles an
// example and is none.
func Examples(flag Flag) ([]Example, error) {
	var examples []Example
	for _, page := range pages {
		blocks, err := Blocks(page)
		if err != nil {
			return nil, err
		}
		for _, block := range blocks {
			example, err := read(block, flag)
			if err != nil {
				return nil, err
			}
			if len(example.Args) > 0 {
				examples = append(examples, example)
			}
		}
	}
	return examples, nil
}

func read(b Block, flag Flag) (Example, error) {
	e := Example{File: b.File, Line: b.Line}
	var rest []string
	flags := 0
	for i, line := range b.Lines {
		switch found := flagLine.FindStringSubmatch(line); {
		case found != nil:
			if flags++; strings.HasPrefix(found[1], string(flag)) {
				e.Args = append(e.Args, found[1])
			}
		case strings.Contains(line, string(flag)):
			return Example{}, fmt.Errorf("%s:%d: a flag has to stand alone, without spaces and the quotes of a shell: %s", b.File, b.Line+i, line)
		case envLine.MatchString(line):
			e.Env = append(e.Env, line)
		case line != "":
			rest = append(rest, line)
		}
	}
	language, mark, _ := strings.Cut(b.Info, " ")
	switch isMistake := mark == markOfMistake; {
	case isMistake && (len(rest) == 0 || flags == 0):
		return Example{}, fmt.Errorf("%s:%d: the block is marked as a mistake: it needs a flag and a message", b.File, b.Line)
	case isMistake:
		e.Mistake = strings.Join(rest, "\n")
	case len(rest) > 0 && len(e.Args) > 0 && language != "yaml":
		return Example{}, fmt.Errorf("%s:%d: the block has flags, and lines that are none: %s", b.File, b.Line, rest[0])
	}
	return e, nil
}
