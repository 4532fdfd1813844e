package peertest_test

import (
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/data/osm"
	"pasaj/data/osm/osmtest"
	"pasaj/data/postgis"
	"pasaj/data/postgis/peertest"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

const (
	seed  = 1
	pairs = 20
	zones = 30
)

func questions(b *testing.B) ([]peertest.Pair, []orb.Polygon) {
	b.Helper()
	p, err := peertest.Pairs(seed, pairs)
	if err != nil {
		b.Fatal(err)
	}
	z, err := peertest.Zones(seed, zones)
	if err != nil {
		b.Fatal(err)
	}
	return p, z
}

func report(b *testing.B, runs []peertest.Run, err error) {
	b.Helper()
	if errors.Is(err, peertest.ErrUnavailable) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range runs {
		b.Log(r)
	}
	b.ReportMetric(runs[0].Percentile(0.5).Seconds()*1000, "ms/route")
	b.ReportMetric(runs[len(runs)-1].Percentile(0.5).Seconds()*1000, "ms/route-with-zones")
}

// BenchmarkPgRouting times pgRouting on the synthetic country, stored in a
// record as any network.
func BenchmarkPgRouting(b *testing.B) {
	p, z := questions(b)
	file, err := os.Open(osmtest.File(b, osmtest.CountryOptions{Seed: seed}))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	read, err := osm.Read(b.Context(), file, osm.Options{})
	if err != nil {
		b.Fatal(err)
	}
	url := postgistest.URL(b)
	record := postgistest.OpenURL(b, url, postgis.Options{})
	author := geo.Author{Name: "bench", Audience: geo.Security}
	if _, err := record.WriteNetwork(b.Context(), author, read.Network, read.Edges, read.Turns); err != nil {
		b.Fatal(err)
	}
	connection, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer connection.Close(b.Context())
	for b.Loop() {
		runs, err := peertest.PgRouting(b.Context(), connection, p, z)
		report(b, runs, err)
	}
	shut, edges, err := peertest.Shut(b.Context(), connection)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d zones touch %d of %d edges", len(z), shut, edges)
}

// BenchmarkValhalla times Valhalla on the same file.
func BenchmarkValhalla(b *testing.B) {
	p, z := questions(b)
	file := osmtest.File(b, osmtest.CountryOptions{Seed: seed})
	for b.Loop() {
		runs, err := peertest.Valhalla(b.Context(), file, p, z)
		report(b, runs, err)
	}
}
