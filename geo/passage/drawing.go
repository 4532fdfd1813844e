package passage

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	reaching "pasaj/geo/reach"
)

// drawings keeps the grounds drawn last by the roads they were drawn round: most
// news moves nothing of what is reached, and drawing costs more than all the rest
// of a cover. The zero value is good.
type drawings struct {
	mu   sync.Mutex
	kept []drawing // the last used in front
}

type drawing struct {
	roads  [sha256.Size]byte
	areas  []orb.MultiPolygon // not to be changed
	drawnM float64
}

// maxDrawings is how many are kept.
const maxDrawings = 24

// areas is reaching.Areas, drawn once for the same lines.
func (d *drawings) areas(parts [][]orb.LineString, bufferM float64) ([]orb.MultiPolygon, float64) {
	key := printOf(parts, bufferM)
	d.mu.Lock()
	for i, one := range d.kept {
		if one.roads == key {
			d.kept = slices.Insert(slices.Delete(d.kept, i, i+1), 0, one)
			d.mu.Unlock()
			return one.areas, one.drawnM
		}
	}
	d.mu.Unlock()
	one := drawing{roads: key}
	one.areas, one.drawnM = reaching.Areas(parts, bufferM)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = slices.Insert(d.kept, 0, one)
	d.kept = d.kept[:min(len(d.kept), maxDrawings)]
	return one.areas, one.drawnM
}

// printOf tells sets of lines apart by their coordinates.
func printOf(parts [][]orb.LineString, bufferM float64) (out [sha256.Size]byte) {
	h := sha256.New()
	buffer := binary.LittleEndian.AppendUint64(nil, math.Float64bits(bufferM))
	for _, lines := range parts {
		buffer = binary.LittleEndian.AppendUint64(buffer, uint64(len(lines)))
		for _, line := range lines {
			buffer = binary.LittleEndian.AppendUint64(buffer, uint64(len(line)))
			for _, p := range line {
				buffer = binary.LittleEndian.AppendUint64(buffer, math.Float64bits(p[0]))
				buffer = binary.LittleEndian.AppendUint64(buffer, math.Float64bits(p[1]))
			}
			h.Write(buffer) //nolint:errcheck // never fails
			buffer = buffer[:0]
		}
	}
	h.Write(buffer) //nolint:errcheck // never fails
	return [sha256.Size]byte(h.Sum(nil))
}
