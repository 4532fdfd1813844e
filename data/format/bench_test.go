package format

import (
	"bytes"
	"strings"
	"testing"

	"pasaj/geo"
)

func BenchmarkReadAndCheckPoint(b *testing.B) {
	l := layer(b, "roadblocks")
	o := outlines(b)
	one := `{"type":"Feature","geometry":{"type":"Point","coordinates":[-72.362,18.529]},"properties":{"subtype":"toll_post","state":"active","commune":"HT0111","valid_from":"2024-01-01T05:00:00Z"}}`
	file := []byte(`{"type":"FeatureCollection","features":[` + strings.Repeat(one+",", 999) + one + `]}`)
	b.ResetTimer()
	for b.Loop() {
		rows, err := Check(ReadGeoJSON(bytes.NewReader(file), l, geo.Security), Checker{Layer: l, Communes: o, Now: now})
		if err != nil || len(rows) != 1000 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/feature")
}
