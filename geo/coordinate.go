package geo

import (
	"math"
	"strconv"
)

// appendCoordinate writes what strconv.AppendFloat(dst, degrees, 'f', -1, 64)
// does. Coordinates of the record are whole numbers of millionths of a degree,
// and those are written as such, in half the time: a quotient of whole
// numbers that a float64 holds is the float64 nearest to it, and no shorter
// decimal is as near.
func appendCoordinate(dst []byte, degrees float64) []byte {
	const unit = 1_000_000
	scaled := math.Round(degrees * unit)
	if scaled == 0 || !(math.Abs(scaled) < 1e9) || scaled/unit != degrees {
		return strconv.AppendFloat(dst, degrees, 'f', -1, 64)
	}
	n := int64(scaled)
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	dst = strconv.AppendInt(dst, n/unit, 10)
	rest := n % unit
	if rest == 0 {
		return dst
	}
	digits := [CoordinateDecimals]byte{}
	last := 0
	for i := CoordinateDecimals - 1; i >= 0; i-- {
		digits[i] = byte('0' + rest%10)
		if digits[i] != '0' && last == 0 {
			last = i + 1
		}
		rest /= 10
	}
	return append(append(dst, '.'), digits[:last]...)
}
