// Package geotiff reads GeoTIFF files of population and of built-up land
// (WorldPop, Meta's High Resolution Settlement Layer, GHS-POP, GHS-BUILT-S) into
// the grids of geo/raster.
//
// What is read: TIFF and BigTIFF in both byte orders, in strips or tiles, one
// band of whole numbers of 8, 16 or 32 bits or floating-point numbers of 32 or
// 64, plain or packed with LZW, Deflate or PackBits, with no, the horizontal or
// the floating-point predictor, with GDAL's value for no data, in longitude and
// latitude on WGS 84 with north up. Of a file with overviews (a cloud-optimised
// GeoTIFF) the first image of full resolution counts. Everything else is refused
// with the GDAL command that makes it readable. In particular a projected file
// is not warped here: to resample counts of people well is GDAL's business.
//
// # Why not a library
//
// GDAL would need cgo. In pure Go, golang.org/x/image/tiff reads pictures (no
// floating-point samples, no georeference), and the one maintained reader of
// GeoTIFF that was found (tingold/gocog) has neither BigTIFF nor predictors,
// takes memory on the word of the file and follows directories in a circle.
// An uploaded file is untrusted input, so the frame is read here, and only the
// codecs are taken: compress/zlib, and golang.org/x/image/tiff/lzw for TIFF's
// own variant of LZW.
//
// # Limits
//
// A file is believed nothing. Directories, entries, sides, tiles and values are
// held to the constants of this package, offsets to the file, directories to
// one visit each; tables of offsets are read only where the clip needs them. A
// block is unpacked row by row into one row's memory and no further than its
// last row that is wanted, so that it cannot unpack to more than it should. The
// memory of a reading is 4 bytes for each cell kept, at most 400 MB, and at most
// 128 MB for two rows of the file; its time is held by 8 GB to unpack, by the
// bytes that blocks may claim and by the context.
//
// # Cost
//
// Haiti at 3 arc seconds (3,400 x 2,500 cells of 4 bytes, tiles with Deflate)
// takes about 0.3 s on one of two shared cores and 0.45 s with the floating-point
// predictor, nearly all of it in Deflate.
// Functions hold no state and are safe for concurrent use.
package geotiff
