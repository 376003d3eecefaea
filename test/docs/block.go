package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Block is a fenced block of a page.
type Block struct {
	// File is the page, as a path from the root of the repository, and Line the number of the first line within the fence.
	File string
	Line int
	// Info is the text after the opening fence: the language, and a mark if there is one.
	Info string
	// Lines are the lines between the fences.
	Lines []string
}

const fence = "```"

// Blocks returns the fenced blocks of a page in order. The page is named by its path from the root of the repository. An error says
// that the page cannot be read, or that a fence is not closed.
func Blocks(file string) ([]Block, error) {
	text, err := Page(file)
	if err != nil {
		return nil, err
	}
	var blocks []Block
	var open *Block
	for i, line := range strings.Split(text, "\n") {
		switch isFence := strings.HasPrefix(line, fence); {
		case isFence && open == nil:
			open = &Block{File: file, Line: i + 2, Info: strings.TrimPrefix(line, fence)}
		case isFence:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.Lines = append(open.Lines, line)
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s:%d: the block is not closed", file, open.Line-1)
	}
	return blocks, nil
}

// Page returns the text of a file that is named by its path from the root of the repository.
func Page(file string) (string, error) {
	root, err := findRoot()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return "", fmt.Errorf("read a page of the documentation: %w", err)
	}
	return string(text), nil
}

// findRoot searches the root of the repository upwards from where the test runs.
func findRoot() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the root of the repository: %w", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find the root of the repository: neither %s nor a folder above has a go.mod", here)
		}
	}
}
