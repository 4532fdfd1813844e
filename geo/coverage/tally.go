package coverage

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

// standing is a zone as it stands at the scene's instant.
type standing struct {
	v       *geo.Version
	control int // index in geo.ControlPrecedence
	degree  degree
	outline outline
	number  int32 // of the outline in the plot
}

// amounts are what a figure has of the ground.
type amounts struct {
	areaM2  interval
	people  interval
	builtM2 interval
}

func (a *amounts) add(o amounts) {
	a.areaM2.add(o.areaM2)
	a.people.add(o.people)
	a.builtM2.add(o.builtM2)
}

// row is a figure with the zones that make it, by the ground each has in it.
type row struct {
	amounts
	zones map[*geo.Version]float64 // m²; of the central ground, else of the high
}

func (r *row) add(o *row) {
	r.amounts.add(o.amounts)
	if r.zones == nil {
		r.zones = map[*geo.Version]float64{}
	}
	for v, m2 := range o.zones {
		r.zones[v] += m2
	}
}

// Rows of a tally beside those by type of control, by group and by trait.
const (
	rowAffected = "affected" // controlled, contested or influenced
	rowListed   = "listed"   // of groups that the United Nations list
)

// tally is the ground of one or more regions.
type tally struct {
	areaM2, people, builtM2 float64 // of the regions themselves
	control                 []row   // in the order of geo.ControlPrecedence
	groups                  map[string]*row
	coalitions              map[string]*row // their own ground and their members'
	traits                  map[string]*row
	others                  map[string]*row
	shared                  interval // group rows counted more than once, m²
	unassessed              row
	zones                   []*geo.Version // with ground here, by id

	made   []standing // what it was made of; while they are held nothing else has their address, which is a key
	ground *territory
}

func newTally() *tally {
	return &tally{
		control: make([]row, len(geo.ControlPrecedence)), groups: map[string]*row{}, coalitions: map[string]*row{},
		traits: map[string]*row{}, others: map[string]*row{},
	}
}

// add joins the ground of another tally to this one; the two share no ground.
func (t *tally) add(o *tally) { t.addRows(o, wantAll) }

// addRows is add of some rows only: of all, or those by type of control.
func (t *tally) addRows(o *tally, only wanted) {
	t.areaM2 += o.areaM2
	t.people += o.people
	t.builtM2 += o.builtM2
	for x := range t.control {
		t.control[x].add(&o.control[x])
	}
	for n, pair := range [][2]map[string]*row{{t.others, o.others}, {t.groups, o.groups}, {t.coalitions, o.coalitions}, {t.traits, o.traits}} {
		if n > 0 && only == wantControl {
			break
		}
		for key, have := range pair[1] {
			if pair[0][key] == nil {
				pair[0][key] = &row{}
			}
			pair[0][key].add(have)
		}
	}
	t.shared.add(o.shared)
	t.unassessed.add(&o.unassessed)
	t.zones = append(t.zones, o.zones...)
}

// standings are the zones near a region at the scene's instant, by id.
func (s *scene) standings(r *region) []standing {
	var out []standing
	s.world.Named("controlled-zones").Search(r.box(), geo.At(s.at), func(v *geo.Version) bool {
		control := slices.Index(geo.ControlPrecedence, v.Text("control_type"))
		area, ok := v.Geometry.(orb.MultiPolygon)
		if approved(v) && control >= 0 && ok && (s.leaveOut == nil || !s.leaveOut(v)) {
			out = append(out, standing{v: v, control: control, degree: s.degree(v), outline: s.engine.outlineOf(v, area)})
		}
		return true
	})
	slices.SortFunc(out, func(a, b standing) int { return slices.Compare(a.v.ID[:], b.v.ID[:]) })
	return out
}

// tallyOf measures one region.
func (s *scene) tallyOf(ctx context.Context, r *region) (*tally, error) {
	zones := s.standings(r)
	p, err := s.engine.plot(ctx, r, outlinesOf(nil, zones))
	if err != nil {
		return nil, err
	}
	return s.tallyOn(p, r, zones), nil
}

// outlinesOf adds the outlines of zones to a list.
func outlinesOf(list []outline, zones []standing) []outline {
	for i := range zones {
		list = append(list, zones[i].outline)
	}
	return list
}

// tallyOn measures one region by a plot that has the outlines of its zones, and
// maybe more than those.
func (s *scene) tallyOn(p *plot, r *region, zones []standing) *tally {
	p.enumerate(zones)
	groups := s.groups()
	key := s.standingKey(r, zones, groups)
	p.mu.Lock()
	have := p.tallies[key]
	p.mu.Unlock()
	if have != nil {
		return have
	}
	t := s.count(p, r, zones, groups, wantAll, newMemory())
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tallies) >= maxTallies {
		clear(p.tallies)
	}
	p.tallies[key] = t
	return t
}

// standingKey is equal for equal tallies of one plot: the zones' versions, how
// far each counts, who belongs to whom, and the grids.
func (s *scene) standingKey(r *region, zones []standing, groups *groupBook) uint64 {
	var h maphash.Hash
	h.SetSeed(fingerprintSeed)
	h.WriteString(r.id) //nolint:errcheck // never fails
	h.WriteByte(0)      //nolint:errcheck // never fails
	for i := range zones {
		z := &zones[i]
		maphash.WriteComparable(&h, z.v)
		maphash.WriteComparable(&h, z.degree)
	}
	maphash.WriteComparable(&h, groups.print)
	for _, kind := range []string{gridPopulation, gridBuiltUp} {
		if g := s.world.Grid(kind); g != nil {
			h.WriteString(g.ID()) //nolint:errcheck // never fails
		}
		h.WriteByte(0) //nolint:errcheck // never fails
	}
	maphash.WriteComparable(&h, s.ground)
	return h.Sum64()
}

// Kinds of grids that worlds hold.
const (
	gridPopulation = "population"
	gridBuiltUp    = "built_up"
)

// wanted says which rows of a tally are asked for.
type wanted uint8

const (
	wantControl wanted = 1 << iota // and what is affected, and unassessed
	wantGroups                     // and coalitions, and what is shared and listed
	wantTraits
	wantAll = wantControl | wantGroups | wantTraits
)

// tally measures an area: the sum of its regions.
func (s *scene) tally(ctx context.Context, one *target) (*tally, error) {
	all, err := s.allTallies(ctx)
	if err != nil {
		return nil, err
	}
	sums, _ := s.kept["tallies by area"].(map[*target]*tally)
	if sums == nil {
		sums = map[*target]*tally{}
		s.kept["tallies by area"] = sums
	}
	if have := sums[one]; have != nil {
		return have, nil
	}
	out := newTally()
	for _, r := range one.regions {
		out.addRows(all[r], s.only)
	}
	sums[one] = out
	slices.SortFunc(out.zones, func(a, b *geo.Version) int { return slices.Compare(a.ID[:], b.ID[:]) })
	out.zones = slices.Compact(out.zones)
	return out, nil
}

// allTallies measures every region of the scene's areas, each once.
func (s *scene) allTallies(ctx context.Context) (map[*region]*tally, error) {
	if have, ok := s.kept["tallies"]; ok {
		return have.(map[*region]*tally), nil
	}
	var list []*region
	known := map[*region]bool{}
	for _, t := range s.asked() {
		for _, r := range t.regions {
			if !known[r] {
				known[r] = true
				list = append(list, r)
			}
		}
	}
	s.groups() // before the scene is shared
	tallies, err := byRegions(ctx, s, "tally", list, s.tallyOf)
	if err != nil {
		return nil, err
	}
	out := make(map[*region]*tally, len(list))
	for i, r := range list {
		out[r] = tallies[i]
	}
	s.kept["tallies"] = out
	return out, nil
}

// ids are the zones of a tally.
func (t *tally) ids() []uuid.UUID {
	out := make([]uuid.UUID, 0, len(t.zones))
	for _, v := range t.zones {
		out = append(out, v.ID)
	}
	return sortIDs(out)
}

// counted are the zones of a row, by the ground they have in it.
func (s *scene) counted(r *row) *counted {
	c := &counted{}
	zones := make([]*geo.Version, 0, len(r.zones))
	for v := range r.zones {
		zones = append(zones, v)
	}
	slices.SortFunc(zones, func(a, b *geo.Version) int {
		return cmp.Or(slices.Compare(a.ID[:], b.ID[:]), a.Valid.From.Compare(b.Valid.From))
	})
	for _, v := range zones {
		c.add(v.ID, s.assess(v).Confidence, r.zones[v])
	}
	return c
}
