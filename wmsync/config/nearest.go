package config

import "strings"

// nearest is the known word that takes the fewest changes to come to; case is none.
func nearest(word string, known []string) string {
	if len(word) > 80 {
		word = word[:80]
	}
	best, least := "", -1
	for _, each := range known {
		changes := changesBetween(strings.ToLower(word), strings.ToLower(each))
		if least < 0 || changes < least {
			best, least = each, changes
		}
	}
	return best
}

// changesBetween is Levenshtein's distance: letters put in, left out or put for another.
func changesBetween(from, to string) int {
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(from) {
		above := row[0]
		row[0] = i + 1
		for j := range len(to) {
			other := above
			if from[i] != to[j] {
				other++
			}
			above = row[j+1]
			row[j+1] = min(other, row[j]+1, above+1)
		}
	}
	return row[len(to)]
}
