package flagvalue

import "strings"

// nearest returns the option whose name is most similar to a misspelt one; empty where more than a third of the name differs. Case is ignored.
func nearest(name string, options []string) (best string) {
	distance := len(name)/3 + 1
	for _, o := range options {
		if d := editDistance(strings.ToLower(name), strings.ToLower(o)); d < distance {
			best, distance = o, d
		}
	}
	return best
}

// editDistance is the number of bytes to insert, delete or replace to turn a into b (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
