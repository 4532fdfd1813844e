package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/geo"
)

// canaries makes values that occur nowhere else: each text holds a word of its
// own, each number, instant and vertex is used once.
type canaries struct{ n int }

func (c *canaries) next() int { c.n++; return c.n }

// word is a text of seven characters.
func (c *canaries) word() string {
	w := strconv.FormatInt(int64(c.next()), 36)
	return "zq" + "00000"[:5-len(w)] + w
}

// number lies a little above low; its last decimal is never zero.
func (c *canaries) number(low float64) float64 {
	n, err := strconv.ParseFloat(fmt.Sprintf("%d.%08d", int(low)+1, c.next()*10+1), 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (c *canaries) instant() time.Time {
	n := c.next()
	return time.Date(2023, 4, 5, 6, 0, n, (n*10+1)*1000, time.UTC)
}

// vertex lies in the capital and its surroundings; both coordinates are unique.
func (c *canaries) vertex() orb.Point {
	n := c.next()
	lon, errLon := strconv.ParseFloat(fmt.Sprintf("-72.%05d%d", 20000+n*7%40000, 1+n%9), 64)
	lat, errLat := strconv.ParseFloat(fmt.Sprintf("18.%05d%d", 48000+n*11%24000, 1+n%9), 64)
	if errLon != nil || errLat != nil {
		panic("a vertex")
	}
	return orb.Point{lon, lat}
}

func (c *canaries) geometry(g geo.GeometryType) orb.Geometry {
	switch g {
	case geo.NoGeometry:
		return nil
	case geo.MultiPolygon:
		ring := orb.Ring{c.vertex(), c.vertex(), c.vertex()}
		// Around the first vertex, so that the outline is valid.
		a := ring[0]
		ring[1], ring[2] = orb.Point{a[0] + 0.01 + c.small(), a[1] + c.small()}, orb.Point{a[0] + c.small(), a[1] + 0.01 + c.small()}
		for i := range ring {
			ring[i] = orb.Point{geo.RoundCoordinate(ring[i][0]), geo.RoundCoordinate(ring[i][1])}
		}
		return orb.MultiPolygon{{append(ring, ring[0])}}
	case geo.MultiLineString:
		return orb.MultiLineString{{c.vertex(), c.vertex()}}
	case geo.PointOrLine:
		if c.n%2 == 0 {
			return orb.LineString{c.vertex(), c.vertex()}
		}
	}
	return c.vertex()
}

func (c *canaries) small() float64 { return float64(c.next()%900) * 1e-6 }

func (c *canaries) value(p *geo.Property) any {
	switch p.Type {
	case geo.Enum:
		return p.Words[c.next()%len(p.Words)].Value
	case geo.Integer:
		if p.Max <= p.Min || p.Max >= 90000 {
			if p.Max > p.Min && p.Max <= 100_000 {
				return int64(tellingInteger + c.next()%20_000)
			}
			return int64(100_001 + c.next()*3)
		}
		return int64(p.Min) + int64(c.next())%int64(p.Max-p.Min+1)
	case geo.Number:
		return min(c.number(p.Min), p.Max)
	case geo.Boolean:
		return c.next()%2 == 0
	case geo.DateTime:
		return c.instant()
	case geo.TextList:
		if p.Values != nil {
			return p.Values[:1]
		}
		return []string{c.word(), "Rue " + c.word()}
	case geo.IDList:
		return []string{uuid.NewString()}
	case geo.JSON:
		switch p.Name {
		case "toll":
			return json.RawMessage(fmt.Sprintf(`[{"unit":"day","amount":%d,"currency":"HTG"}]`, 7_000_003+c.next()*7))
		case "passability":
			return json.RawMessage(`{"ambulance":"pay","car":"ask"}`)
		case "claims":
			return json.RawMessage(`[{"kind":"roadblock_seen","detail":{"said":"` + c.word() + `"}}]`)
		case "attributes":
			return json.RawMessage(`{"beds":` + strconv.Itoa(800_001+c.next()*3) + `,"who":"` + c.word() + `"}`)
		}
		return json.RawMessage(`[]`)
	}
	if p.MaxLength < 7 {
		return strconv.FormatInt(int64(c.next()), 36)
	}
	return c.word()
}

// draft is a feature of a layer every property of which is a canary.
func (c *canaries) draft(l *geo.Layer, compartment geo.Compartment, class geo.Class, group string) *geo.Draft {
	d := geo.NewDraft(l)
	d.Geometry, d.HasGeom = c.geometry(l.Geometry), l.Geometry != geo.NoGeometry
	for i := range l.Properties {
		if p := &l.Properties[i]; !p.Computed && !p.ReadOnly {
			d.Set(l, p.Name, c.value(p))
		}
	}
	for name, value := range map[string]any{
		"compartment": string(compartment), "sensitivity": string(class), "review_state": "approved",
		"group_id": group, "coalition_id": group, "holders": json.RawMessage(`[{"group":"` + group + `","role":"principal"}]`),
		"protection_class": "none", "demonstration": false, "subtype": "toll_post",
	} {
		d.Set(l, name, value)
	}
	if l.Name == "incidents" {
		d.Set(l, "fatalities_max", int64(95_000+c.next()%4000))
	}
	if l.Name == "facilities" {
		d.Set(l, "facility_type", "hospital")
	}
	if l.Name == "admin-areas" {
		d.Set(l, "level", int64(2))
	}
	d.From, d.HasFrom = c.instant(), true
	return d
}

var classes = []geo.Class{geo.ClassLow, geo.ClassModerate, geo.ClassHigh, geo.ClassSevere}

// adversary writes rows that somebody must not see.
type adversary struct {
	t      *testing.T
	record *postgis.Record
	canaries
	groups  map[[2]string]string   // canary group by compartment and class
	sample  map[*geo.Layer]sampled // what requests ask for
	batches map[string][]geo.Change
}

// sampled are features of a layer, one for each kind of row.
type sampled struct{ ids []uuid.UUID }

// keeper is an author who may write into a compartment.
func (c *adversary) keeper(compartment geo.Compartment) geo.Author {
	if compartment == geo.CompartmentOperations {
		return geo.Author{Name: "ops " + c.word(), Audience: geo.Operations}
	}
	return geo.Author{Name: "sec " + c.word(), Audience: geo.Security}
}

func (c *adversary) write(by geo.Author, changes []geo.Change) []uuid.UUID {
	c.t.Helper()
	if len(changes) == 0 {
		return nil
	}
	receipt, err := c.record.Write(c.t.Context(), geo.Batch{
		Author: by, Reason: "reason " + c.word(), Changes: changes, Once: &geo.Once{Key: "key " + c.word()},
	})
	if err != nil {
		c.t.Fatalf("write the adversarial rows: %v", err)
	}
	return receipt.IDs
}

// pair is a place in the grid of compartments and classes.
type pair struct {
	compartment geo.Compartment
	class       geo.Class
}

func grid(l *geo.Layer) []pair {
	var out []pair
	for _, compartment := range []geo.Compartment{"public", "hum", "sec", "ops"} {
		for _, class := range classes[slices.Index(classes, l.Floor):] {
			out = append(out, pair{compartment, class})
		}
	}
	return out
}

// fill writes, for every layer, compartment and class: a feature that stands,
// one for each state of review, one that comes true in the future, one
// superseded, one deleted, and one that moves between public and hidden.
func (c *adversary) fill() {
	c.sample = map[*geo.Layer]sampled{}
	c.groups = map[[2]string]string{}
	groups, _ := geo.LayerByName("armed-groups")
	for _, compartment := range []geo.Compartment{"public", "hum", "sec", "ops"} {
		var made []geo.Change
		for _, p := range grid(groups) {
			if p.compartment == compartment {
				group := c.word()
				made = append(made, geo.Change{Layer: groups, Action: geo.Create, Draft: c.draft(groups, p.compartment, p.class, group)})
				c.groups[[2]string{string(p.compartment), string(p.class)}] = group
			}
		}
		c.write(c.keeper(compartment), made)
	}
	for _, compartment := range []geo.Compartment{"public", "hum", "sec", "ops"} {
		c.compartment(compartment)
	}
	c.cross()
}

// compartment fills one compartment in three revisions: made, edited, deleted.
func (c *adversary) compartment(compartment geo.Compartment) {
	by := c.keeper(compartment)
	var made, edited, deleted []geo.Change
	for _, l := range geo.Layers() {
		var ids []uuid.UUID
		for _, p := range grid(l) {
			if p.compartment != compartment {
				continue
			}
			group := c.groups[[2]string{string(p.compartment), string(p.class)}]
			add := func(change func(*geo.Draft)) uuid.UUID {
				d := c.draft(l, p.compartment, p.class, group)
				if l.Name == "armed-groups" {
					d.Set(l, "group_id", c.word())
				}
				if change != nil {
					change(d)
				}
				id := uuid.New()
				made = append(made, geo.Change{Layer: l, Action: geo.Create, ID: id, Draft: d})
				ids = append(ids, id)
				return id
			}
			add(nil)
			for _, review := range []string{"draft", "in_review", "rejected", "withdrawn"} {
				add(func(d *geo.Draft) { d.Set(l, "review_state", review) })
			}
			add(func(d *geo.Draft) { d.From = d.From.AddDate(60, 0, 0) })
			// A correction over all its time supersedes what was known.
			id := add(nil)
			next := c.draft(l, p.compartment, p.class, group)
			next.From = made[len(made)-1].Draft.From
			edited = append(edited, geo.Change{Layer: l, Action: geo.Replace, ID: id, Draft: next})
			deleted = append(deleted, geo.Change{Layer: l, Action: geo.Delete, ID: add(nil)})
		}
		s := c.sample[l]
		s.ids = append(s.ids, ids...)
		c.sample[l] = s
	}
	c.write(by, made)
	c.write(by, edited)
	c.write(by, deleted)
}

// cross moves features of public layers from the public to the humanitarians
// and the other way round, at once and later in valid time.
func (c *adversary) cross() {
	var made, moved []geo.Change
	for _, l := range geo.Layers() {
		if l.Kind == geo.RecordOnly || !l.Audiences.Has(geo.Public) {
			continue
		}
		public, hidden := pair{"public", "low"}, pair{"hum", "severe"}
		s := c.sample[l]
		for _, way := range [][2]pair{{public, hidden}, {hidden, public}} {
			for _, later := range []bool{false, true} {
				id := uuid.New()
				group := c.groups[[2]string{"public", "low"}]
				first := c.draft(l, way[0].compartment, way[0].class, group)
				second := c.draft(l, way[1].compartment, way[1].class, group)
				second.From = first.From
				if later {
					second.From = first.From.AddDate(1, 0, 0)
				}
				made = append(made, geo.Change{Layer: l, Action: geo.Create, ID: id, Draft: first})
				moved = append(moved, geo.Change{Layer: l, Action: geo.Replace, ID: id, Draft: second})
				s.ids = append(s.ids, id)
			}
		}
		c.sample[l] = s
	}
	by := c.keeper("hum")
	c.write(by, made)
	c.write(by, moved)
}
