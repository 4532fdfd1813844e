// Package raster is a regular grid of numbers over longitude and latitude:
// people in each cell, or the share of each cell that is built up. It answers
// one question fast: how much lies in these columns of this row.
//
// A Grid never changes after New or Parse, so that any number of goroutines may
// share one without a lock. It knows nothing of files: data/geotiff reads them,
// and the binary form here is only how a grid is kept.
//
// # Cells and edges
//
// A cell belongs to an area when its centre does. Centres on an outline follow
// one half-open rule (see SumIn), so that two areas with a common edge count each
// cell exactly once: sums over the parts of a country add up to the sum over the
// country. The price is the usual error of
// such counting, about half a cell along the outline; for cells of 100 m and a
// commune of 30 km² that is well under one percent.
//
// Missing values (NaN, and negatives, which population grids use for "no data")
// count nothing. Whether a zero was measured or is missing is not told by a sum.
//
// # Cost
//
// Values take 4 bytes a cell. A full table of running sums in float64 would
// take 8 more, so only every 32nd column keeps one: 0.25 bytes a cell. RowSum
// then adds at most 62 cells by hand. For Haiti at 3 arc seconds (3,400 x 2,500
// cells) a grid takes 36 MB, and SumIn of a box of a hundredth of the country
// takes about 75 µs, or 0.3 µs a row, on one of two shared cores: it costs by
// rows and edges, not by cells. Making such a grid takes 45 ms, writing its
// binary form (18 MB of noisy values) 1.4 s and parsing it 0.3 to 0.8 s.
//
// Running sums are float64: ten million people in float32 cells add up to about
// 1e-9 of a person's error, where a float32 sum would lose whole people.
package raster
