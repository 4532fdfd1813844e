package exclusion

import (
	"cmp"
	"slices"
	"strconv"
)

// OSRM gives closed roads as the file that osrm-customize reads with
// --segment-speed-file: pairs of OpenStreetMap nodes that follow one another on
// a way, at speed 0, each in both directions. Every pair replaces what an
// earlier file said, so the file holds all that is closed, not the changes.
func OSRM(pairs [][2]int64) []byte {
	both := make([][2]int64, 0, 2*len(pairs))
	for _, p := range pairs {
		both = append(both, p, [2]int64{p[1], p[0]})
	}
	slices.SortFunc(both, func(a, b [2]int64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	both = slices.Compact(both)
	var out []byte
	for _, p := range both {
		out = strconv.AppendInt(out, p[0], 10)
		out = append(out, ',')
		out = strconv.AppendInt(out, p[1], 10)
		out = append(out, ",0\n"...)
	}
	return out
}
