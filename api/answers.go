package api

import (
	"time"

	"pasaj/geo"
)

// instant is what "now" means for an answer: the present, or the instant of
// the revision asked for, so that the answer stays the same for ever.
func (s *Server) instant(asof geo.AsOf, committed time.Time) time.Time {
	if asof.IsZero() {
		return s.present(committed)
	}
	return committed.UTC()
}

// present is this minute, but never before what was committed last: a roadblock
// that was reported a moment ago stands already.
func (s *Server) present(committed time.Time) time.Time {
	if now := minute(s.options.Now()); !now.Before(committed) {
		return now
	}
	return committed.UTC()
}

// reads refuses an answer made from layers that a token is not for.
func (c *call) reads(layers ...string) error {
	if c.who.Layers == nil {
		return nil
	}
	for _, name := range layers {
		if l, ok := geo.LayerByName(name); ok && l.Audiences.Has(c.audience()) && !c.who.MayRead(l) {
			return geo.Errorf(geo.CodeForbidden, "", "the answer is made from %s, which the token is not for", name)
		}
	}
	return nil
}

type group struct {
	ID          string       `json:"id"`
	French      any          `json:"name_fr"`
	Haitian     any          `json:"name_ht"`
	English     any          `json:"name_en"`
	Aliases     []string     `json:"aliases"`
	Type        string       `json:"group_type"`
	Memberships []membership `json:"memberships"`
}

type membership struct {
	Coalition string `json:"coalition"`
	From      any    `json:"valid_from"`
	To        any    `json:"valid_to"`
}

// groups lists the armed groups with the coalitions they belonged to.
func (s *Server) groups(c *call) error {
	if err := c.reads("armed-groups", "group-memberships"); err != nil {
		return err
	}
	w, fixed, err := c.whole(c.args.asof)
	if err != nil {
		return err
	}
	memberships := map[string][]membership{}
	layer := w.Named("group-memberships")
	layer.Each(geo.Moment{}, func(latest *geo.Version) bool {
		it, _ := layer.Item(latest.ID)
		for _, v := range it.Versions {
			id := v.Text("group_id")
			memberships[id] = append(memberships[id], membership{v.Text("coalition_id"), instantOrNil(v.Valid.From), instantOrNil(v.Valid.To)})
		}
		return true
	})
	list := []group{}
	w.Named("armed-groups").Each(geo.Moment{}, func(v *geo.Version) bool {
		g := group{
			ID: v.Text("group_id"), French: v.Value("name_fr"), Haitian: v.Value("name_ht"), English: v.Value("name_en"),
			Aliases: v.Texts("aliases"), Type: v.Text("group_type"), Memberships: memberships[v.Text("group_id")],
		}
		if g.Aliases == nil {
			g.Aliases = []string{}
		}
		if g.Memberships == nil {
			g.Memberships = []membership{}
		}
		list = append(list, g)
		return true
	})
	body, err := marshal(map[string]any{"revision": w.Revision(), "groups": list})
	if err != nil {
		return err
	}
	return c.documentBytes(mediaJSON, body, fixed)
}

func instantOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return geo.FormatInstant(t)
}
