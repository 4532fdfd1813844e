// Command write writes the synthetic country to a file, for benchmarks and for
// other engines:
//
//	go run ./data/osm/osmtest/write [-seed 1] [-scale 1] haiti.osm.pbf
package main

import (
	"flag"
	"fmt"
	"os"

	"pasaj/data/osm/osmtest"
)

func main() {
	seed := flag.Uint64("seed", 1, "seed of the country")
	scale := flag.Float64("scale", 1, "share of the country's roads, above 0 to 1")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: write [-seed 1] [-scale 1] FILE")
		os.Exit(2)
	}
	size, err := osmtest.WriteFile(flag.Arg(0), osmtest.CountryOptions{Seed: *seed, Scale: *scale})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d nodes, %d edges between them, %d junctions and ends, %d ways, %.0f km, %d restrictions\n",
		size.Nodes, size.Edges, size.Junctions, size.Ways, size.LengthKm, size.Restrictions)
}
