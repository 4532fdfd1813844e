// Package reach draws how far one gets: the roads reached within a time, and the
// ground along them as polygons with holes.
package reach
