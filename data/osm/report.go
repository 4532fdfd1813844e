package osm

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// Count is how often something was met.
type Count struct {
	What string
	N    int
}

// ClassLength is how much of a network is of one class.
type ClassLength struct {
	Class   string
	Edges   int
	LengthM float64
}

// Miss is a near miss by its place: see road.NearMiss.
type Miss struct {
	Kind      road.MissKind
	At        orb.Point
	DistanceM float64
	Way       int64 // OpenStreetMap ways
	OtherWay  int64
}

// Report says what was read, what of it became the network, and what was left
// out for which reason. Counts are of ways, nodes and relations of the file, or
// of edges of the network.
type Report struct {
	Bytes int64     // size of the file
	Date  time.Time // of the data, as the file says; zero when it does not

	Nodes, Ways               int // in the file
	OtherWays, OtherRelations int // ways that are no roads, relations that are no turn restrictions
	Roads                     int // ways that became edges
	RoadNodes                 int // nodes with coordinates on them
	SharedNodes               int // of these, how many are passed more than once: where ways meet
	Crossroads                int // of these, how many have three neighbours or more

	DroppedWays []Count // roads of the file that gave no edge, by reason

	MissingNodes   int     // on roads, that the file does not have
	MisplacedNodes int     // on roads, outside the globe or at 0/0, taken as missing
	DuplicateNodes int     // told more than once; the first is kept
	RepeatedNodes  int     // at the place of the node before them
	FarSegments    int     // between neighbouring nodes more than 50 km apart
	CutWays        int     // broken at missing nodes or far segments
	LongWays       int     // of more nodes than OpenStreetMap allows
	ZeroLength     int     // edges without length, left out
	DuplicateEdges int     // over the nodes of another edge, left out
	DuplicateM     float64 // length of these and of the ways told twice, metres
	OutsideEdges   int     // outside the area
	CutEdges       int     // at the border of the area

	Reversible      int // roads whose one-way direction changes with the hour, kept as two-way
	UnknownSurfaces int // roads with a surface that is not in the table

	Edges, Vertices, Junctions int
	LengthM                    float64
	ByClass                    []ClassLength // in the order of road.Classes
	Oneways, Bridges           int           // edges
	Restricted                 int           // edges that some vehicle class may not enter
	Limited                    int           // edges with a limit of load or height
	Barriers                   []Count       // nodes, by kind

	Components    int
	ComponentM    []float64 // the longest twenty, descending
	NearEnds      int       // ends within a metre of another road
	NearCrossings int       // crossings without a node
	NearMisses    []Miss    // the first thousand
	Joined        int       // near misses, when asked to

	TurnsUsed    int     // turn restrictions of the file
	TurnsIgnored []Count // by reason
}

// Limits on the lists of a report.
const (
	maxReportedMisses     = 1000
	maxReportedKinds      = 50
	maxReportedComponents = 20
)

func (r *Report) dropWays(reason string, n int) { r.DroppedWays = countOne(r.DroppedWays, reason, n) }

func (r *Report) ignoreTurns(reason string, n int) {
	r.TurnsIgnored = countOne(r.TurnsIgnored, reason, n)
}

// countOne adds to a list of counts, which stays in order: most first, then by
// name. Kinds beyond the limit are counted together.
func countOne(list []Count, what string, n int) []Count {
	i := slices.IndexFunc(list, func(c Count) bool { return c.What == what })
	if i < 0 && len(list) >= maxReportedKinds {
		what = "others"
		i = slices.IndexFunc(list, func(c Count) bool { return c.What == what })
	}
	if i < 0 {
		list = append(list, Count{what, n})
	} else {
		list[i].N += n
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(-cmp.Compare(a.N, b.N), cmp.Compare(a.What, b.What))
	})
	return list
}

func (r *Report) countMisses(edges []road.EdgeInput, misses []road.NearMiss) {
	for _, m := range misses {
		if m.Kind == road.MissEnd {
			r.NearEnds++
		} else {
			r.NearCrossings++
		}
		if len(r.NearMisses) < maxReportedMisses {
			r.NearMisses = append(r.NearMisses, Miss{m.Kind, m.Point, m.DistanceM, edges[m.Edge].WayID, edges[m.Other].WayID})
		}
	}
}

// measure counts what the finished network holds.
func (r *Report) measure(g *road.Graph) {
	r.Edges, r.Junctions, r.Vertices = g.Len(), g.Junctions(), 0
	byClass := map[string]*ClassLength{}
	for i := range g.Len() {
		e := g.Edge(i)
		r.LengthM += e.LengthM
		r.Vertices += len(e.Geometry)
		c := byClass[e.Class]
		if c == nil {
			c = &ClassLength{Class: e.Class}
			byClass[e.Class] = c
		}
		c.Edges++
		c.LengthM += e.LengthM
		r.Oneways += one(e.Oneway)
		r.Bridges += one(e.Bridge)
		r.Restricted += one(e.Access != 0)
		r.Limited += one(e.MaxLoadT > 0 || e.MaxHeightM > 0)
	}
	for _, class := range road.Classes() {
		if c := byClass[class]; c != nil {
			r.ByClass = append(r.ByClass, *c)
		}
	}
	lengths := g.ComponentLengths()
	r.Components = len(lengths)
	r.ComponentM = lengths[:min(len(lengths), maxReportedComponents)]
}

// WriteTo writes the report as short text.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, r.String())
	return int64(n), err
}

func (r *Report) String() string {
	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", label, fmt.Sprintf(format, args...))
	}
	line("file", "%s MB, %s ways, %s nodes%s", decimals(float64(r.Bytes)/1e6, 1), thousands(r.Ways), thousands(r.Nodes), ofDate(r.Date))
	line("network", "%s km in %s edges, %s vertices, from %s ways", decimals(r.LengthM/1000, 0), thousands(r.Edges), thousands(r.Vertices), thousands(r.Roads))
	line("nodes", "%s on roads; %s are passed more than once, and at %s of them three roads or more meet",
		thousands(r.RoadNodes), thousands(r.SharedNodes), thousands(r.Crossroads))
	var classes []string
	for _, c := range r.ByClass {
		classes = append(classes, fmt.Sprintf("%s %s km", c.Class, decimals(c.LengthM/1000, 0)))
	}
	line("classes", "%s", strings.Join(classes, ", "))
	line("rules", "%s one-way edges, %s bridges, %s closed to some vehicles, %s with a limit of load or height",
		thousands(r.Oneways), thousands(r.Bridges), thousands(r.Restricted), thousands(r.Limited))
	if len(r.ComponentM) > 0 && r.LengthM > 0 {
		line("connected", "%s components; the longest holds %s %% of the length", thousands(r.Components), decimals(100*r.ComponentM[0]/r.LengthM, 1))
	}
	joined := "; --join would join them"
	if r.Joined > 0 {
		joined = "; all joined"
	}
	if r.NearEnds+r.NearCrossings == 0 {
		joined = ""
	}
	line("near misses", "%s ends within a metre of another road, %s crossings without a node%s", thousands(r.NearEnds), thousands(r.NearCrossings), joined)
	list := func(label string, counts []Count, singular, plural string) {
		for _, c := range counts {
			noun := plural
			if c.N == 1 {
				noun = singular
			}
			line(label, "%s %s: %s", thousands(c.N), noun, c.What)
			label = ""
		}
	}
	list("barriers", r.Barriers, "node", "nodes")
	line("turns", "%s restrictions used", thousands(r.TurnsUsed))
	list("", r.TurnsIgnored, "ignored", "ignored")
	list("left out", r.DroppedWays, "way", "ways")
	faults := []struct {
		n    int
		what string
	}{
		{r.MissingNodes, "nodes of roads missing in the file, or misplaced"},
		{r.MisplacedNodes, "nodes at 0/0 or outside the globe"},
		{r.CutWays, "ways broken where a node is missing or far"},
		{r.FarSegments, "segments of more than 50 km left out"},
		{r.DuplicateNodes, "nodes told more than once"},
		{r.RepeatedNodes, "nodes at the place of the one before"},
		{r.LongWays, "ways of more than 2,000 nodes"},
		{r.ZeroLength, "edges without length left out"},
		{r.DuplicateEdges, fmt.Sprintf("edges over the nodes of another left out (%s km with the ways told twice)", decimals(r.DuplicateM/1000, 1))},
		{r.CutEdges, "edges cut at the border of the area"},
		{r.OutsideEdges, "edges outside the area left out"},
		{r.Reversible, "reversible roads kept as two-way"},
		{r.UnknownSurfaces, "roads of a surface that is not known"},
	}
	label := "faults"
	for _, f := range faults {
		if f.n > 0 {
			line(label, "%s %s", thousands(f.n), f.what)
			label = ""
		}
	}
	return b.String()
}

func ofDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", as of " + t.Format(time.DateOnly)
}

func thousands(n int) string { return decimals(float64(n), 0) }

// decimals writes a number with commas between thousands.
func decimals(n float64, places int) string {
	s := fmt.Sprintf("%.*f", places, n)
	whole, fraction, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		return whole + "." + fraction
	}
	return whole
}
