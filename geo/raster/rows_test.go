package raster_test

import (
	"pasaj/geo/arrangement"
	"pasaj/geo/raster"
)

// A grid is what an arrangement of areas adds up.
var _ arrangement.Rows = (*raster.Grid)(nil)
