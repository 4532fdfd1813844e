package osmtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"
)

func draw(t testing.TB, o CountryOptions) ([]byte, Size) {
	t.Helper()
	var file bytes.Buffer
	w := NewWriter(&file, Options{Raw: true})
	size, err := Country(w, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), size
}

const smallScale = 0.02

func TestCountryIsAlwaysTheSame(t *testing.T) {
	first, size := draw(t, CountryOptions{Seed: 1, Scale: smallScale})
	again, _ := draw(t, CountryOptions{Seed: 1, Scale: smallScale})
	if !bytes.Equal(first, again) {
		t.Error("two files from one seed differ")
	}
	if other, _ := draw(t, CountryOptions{Seed: 2, Scale: smallScale}); bytes.Equal(first, other) {
		t.Error("two seeds give one file")
	}
	got := fmt.Sprintf("%d nodes, %d edges, %d ways, %d junctions", size.Nodes, size.Edges, size.Ways, size.Junctions)
	const want = "30351 nodes, 31108 edges, 2228 ways, 3800 junctions"
	// Coordinates may differ in the last digit where products are fused.
	const wantDigest = "a4a866118b6102c46e0a3d442aa3c07a0311eaaaa5b660619e19a3ab5048ad0e"
	digest := sha256.Sum256(first)
	if got != want || runtime.GOARCH == "amd64" && hex.EncodeToString(digest[:]) != wantDigest {
		t.Errorf("%s, digest %x: want %s, %s (a change on purpose also raises version)", got, digest, want, wantDigest)
	}
}

// network is what a reader that is not ours finds.
type network struct {
	at        map[osm.NodeID][2]float64
	tags      map[osm.NodeID]osm.Tags
	ways      map[osm.WayID]*osm.Way
	relations []*osm.Relation
	set       map[osm.NodeID]osm.NodeID
}

func (n *network) find(i osm.NodeID) osm.NodeID {
	for n.set[i] != i {
		n.set[i] = n.set[n.set[i]]
		i = n.set[i]
	}
	return i
}

func read(t *testing.T, file []byte) *network {
	t.Helper()
	n := &network{
		at: map[osm.NodeID][2]float64{}, tags: map[osm.NodeID]osm.Tags{}, ways: map[osm.WayID]*osm.Way{},
		set: map[osm.NodeID]osm.NodeID{},
	}
	scanner := osmpbf.New(context.Background(), bytes.NewReader(file), 1)
	defer scanner.Close()
	for scanner.Scan() {
		switch e := scanner.Object().(type) {
		case *osm.Node:
			n.at[e.ID], n.tags[e.ID], n.set[e.ID] = [2]float64{e.Lon, e.Lat}, e.Tags, e.ID
		case *osm.Way:
			n.ways[e.ID] = e
			for i := range e.Nodes {
				if _, ok := n.at[e.Nodes[i].ID]; !ok {
					t.Fatalf("way %d runs over node %d, which is not there", e.ID, e.Nodes[i].ID)
				}
				if i > 0 {
					a, b := n.find(e.Nodes[i-1].ID), n.find(e.Nodes[i].ID)
					n.set[max(a, b)] = min(a, b)
				}
			}
		case *osm.Relation:
			n.relations = append(n.relations, e)
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCountryIsARoadNetwork(t *testing.T) {
	const scale = 0.05
	file, size := draw(t, CountryOptions{Seed: 3, Scale: scale})
	n := read(t, file)

	if len(n.at) != size.Nodes || len(n.ways) != size.Ways || len(n.relations) != size.Restrictions {
		t.Errorf("%d nodes, %d ways, %d relations in the file of %+v", len(n.at), len(n.ways), len(n.relations), size)
	}
	for what, got := range map[string][2]float64{
		"nodes":        {float64(size.Nodes), countryNodes},
		"loops":        {float64(size.Edges - size.Nodes), countryLoops},
		"ways":         {float64(size.Ways), countryWays},
		"junctions":    {float64(size.Junctions), 165_000},
		"restrictions": {float64(size.Restrictions), 430},
	} {
		if share := got[0] / got[1] / size.Share; math.Abs(share-1) > 0.3 {
			t.Errorf("%s: %v, %.2f times what the scale asks", what, got[0], share)
		}
	}
	if size.Share < scale || size.Share > scale+0.05 {
		t.Errorf("share %v of scale %v", size.Share, scale)
	}

	parts := map[osm.NodeID]int{}
	largest := 0
	for i, at := range n.at {
		if at[0] < -75 || at[0] > -71.3 || at[1] < 17.8 || at[1] > 20.3 {
			t.Fatalf("node %d at %v is not in Haiti", i, at)
		}
		parts[n.find(i)]++
		largest = max(largest, parts[n.find(i)])
	}
	if float64(largest) < 0.9*float64(len(n.at)) {
		t.Errorf("the largest of %d parts holds %d of %d nodes", len(parts), largest, len(n.at))
	}

	edges, barriers, roundabouts, national := 0, 0, 0, 0
	for _, w := range n.ways {
		edges += len(w.Nodes) - 1
		if w.Tags.Find("highway") == "" {
			t.Fatalf("way %d is no road", w.ID)
		}
		for i := range w.Nodes[1:] {
			if n.at[w.Nodes[i].ID] == n.at[w.Nodes[i+1].ID] {
				t.Errorf("way %d has an edge of no length", w.ID)
			}
		}
		if w.Tags.Find("junction") == "roundabout" {
			roundabouts++
			if w.Nodes[0].ID != w.Nodes[len(w.Nodes)-1].ID || turning(n, w) <= 0 {
				t.Errorf("roundabout %d is not a ring that runs anticlockwise", w.ID)
			}
		}
		if w.Tags.Find("ref") == "RN1" {
			national++
		}
	}
	for _, tags := range n.tags {
		if tags.Find("barrier") != "" {
			barriers++
		}
	}
	if edges != size.Edges || barriers != size.Barriers || roundabouts != size.Roundabouts {
		t.Errorf("%d edges, %d barriers, %d roundabouts in the file of %+v", edges, barriers, roundabouts, size)
	}
	if national == 0 || barriers == 0 || roundabouts == 0 || size.Bridges == 0 {
		t.Errorf("%d ways of RN1, %d barriers, %d roundabouts, %d bridges: all are wanted", national, barriers, roundabouts, size.Bridges)
	}
	for _, r := range n.relations {
		checkRestriction(t, n, r)
	}
}

// turning is twice the area of a ring.
func turning(n *network, w *osm.Way) float64 {
	sum := 0.0
	for i := range w.Nodes[1:] {
		a, b := n.at[w.Nodes[i].ID], n.at[w.Nodes[i+1].ID]
		sum += (a[0]+72)*(b[1]-19) - (b[0]+72)*(a[1]-19)
	}
	return sum
}

// checkRestriction checks that its ways meet where it says.
func checkRestriction(t *testing.T, n *network, r *osm.Relation) {
	t.Helper()
	ends := func(ref int64) [2]osm.NodeID {
		w := n.ways[osm.WayID(ref)]
		return [2]osm.NodeID{w.Nodes[0].ID, w.Nodes[len(w.Nodes)-1].ID}
	}
	touches := func(ref int64, node osm.NodeID) bool { e := ends(ref); return e[0] == node || e[1] == node }
	from, via, to := r.Members[0], r.Members[1], r.Members[2]
	if via.Type == osm.TypeNode {
		if !touches(from.Ref, osm.NodeID(via.Ref)) || !touches(to.Ref, osm.NodeID(via.Ref)) {
			t.Errorf("restriction %d does not hang together", r.ID)
		}
		return
	}
	e := ends(via.Ref)
	if !(touches(from.Ref, e[0]) && touches(to.Ref, e[1]) || touches(from.Ref, e[1]) && touches(to.Ref, e[0])) {
		t.Errorf("restriction %d over way %d does not hang together", r.ID, via.Ref)
	}
}

func TestCountryRefusesAScale(t *testing.T) {
	for _, scale := range []float64{-1, 1.5, math.NaN()} {
		if _, err := Country(NewWriter(io.Discard, Options{}), CountryOptions{Scale: scale}); err == nil {
			t.Errorf("scale %v was taken", scale)
		}
	}
}

func TestFileIsWholeOrAbsent(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "country.osm.pbf")
	if _, err := WriteFile(name, CountryOptions{Scale: 2}); err == nil {
		t.Error("scale 2 was taken")
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("a failure leaves %v", left)
	}
	if _, err := WriteFile(name, CountryOptions{Seed: 1, Scale: smallScale}); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 || left[0].Name() != "country.osm.pbf" {
		t.Errorf("a file leaves %v", left)
	}
}

// BenchmarkCountry draws the whole country and checks its size.
func BenchmarkCountry(b *testing.B) {
	for b.Loop() {
		size, err := Country(NewWriter(io.Discard, Options{}), CountryOptions{Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		if size.Nodes != countryNodes || size.Ways != countryWays || size.Edges < 1_355_000 || size.Edges > 1_365_000 ||
			math.Abs(size.LengthKm/36_755-1) > 0.01 {
			b.Fatalf("not the size of the country: %+v", size)
		}
		b.ReportMetric(size.LengthKm, "km")
		b.ReportMetric(float64(size.Junctions), "junctions")
	}
}
