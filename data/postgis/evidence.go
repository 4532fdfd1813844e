package postgis

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/measure"
)

// complete computes what the record itself knows best of every state written:
// its confidence and, for lines, its length.
func (w *writer) complete(ctx context.Context) error {
	grades, err := w.grades(ctx)
	if err != nil {
		return err
	}
	for _, t := range w.order {
		confidence, length := t.layer.Index("confidence"), t.layer.Index("length_m")
		for _, s := range t.states {
			if !s.Written {
				continue
			}
			s.Values[confidence] = w.confidence(t.layer, s, grades)
			if length >= 0 && t.layer.Properties[length].ReadOnly {
				s.Values[length] = measure.LengthM(s.Geometry)
			}
		}
	}
	return nil
}

// confidence is that of the observations a state cites, or else of its own
// grade; nil without any.
func (w *writer) confidence(l *geo.Layer, s geo.State, grades map[uuid.UUID]geo.Graded) any {
	var cited []geo.Graded
	for _, id := range observationsOf(l, s) {
		if g, ok := grades[id]; ok {
			cited = append(cited, g)
		}
	}
	if len(cited) > 0 {
		return w.record.model.Confidence(cited...)
	}
	if g, ok := gradeOf(l, s); ok {
		return w.record.model.Confidence(g)
	}
	return nil
}

// gradeOf is a state's own grade; it needs both halves.
func gradeOf(l *geo.Layer, s geo.State) (geo.Graded, bool) {
	reliability, ok := s.Values[l.Index("reliability")].(string)
	credibility, also := s.Values[l.Index("credibility")].(int64)
	g := geo.Graded{Reliability: reliability, Credibility: int(credibility)}
	if i := l.Index("source_id"); i >= 0 {
		g.Source, _ = s.Values[i].(string)
	}
	return g, ok && also
}

func observationsOf(l *geo.Layer, s geo.State) []uuid.UUID {
	list, _ := s.Values[l.Index("observation_ids")].([]string)
	out := make([]uuid.UUID, 0, len(list))
	for _, text := range list {
		if id, err := uuid.Parse(text); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// grades fetches the grades of all observations that the batch cites: its own
// first, the rest from the record.
func (w *writer) grades(ctx context.Context) (map[uuid.UUID]geo.Graded, error) {
	grades := map[uuid.UUID]geo.Graded{}
	here := map[uuid.UUID]bool{}
	cited := map[uuid.UUID]bool{}
	for _, t := range w.order {
		for _, s := range t.states {
			if t.layer.Table == "observation" {
				here[t.id] = true
				if g, ok := gradeOf(t.layer, s); ok {
					grades[t.id] = g // states are in order: the latest wins
				}
			}
			if s.Written {
				for _, id := range observationsOf(t.layer, s) {
					cited[id] = true
				}
			}
		}
	}
	var missing []uuid.UUID
	for id := range cited {
		if !here[id] {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return grades, nil
	}
	rows, err := w.tx.Query(ctx, `SELECT DISTINCT ON (id) id, reliability, credibility, coalesce(source_id, '')
		FROM pasaj.observation WHERE id = ANY ($1) AND upper_inf(known) AND reliability IS NOT NULL AND credibility IS NOT NULL
		ORDER BY id, lower(valid) DESC NULLS LAST`, uuids(missing))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id [16]byte
		var g geo.Graded
		if err := rows.Scan(&id, &g.Reliability, &g.Credibility, &g.Source); err != nil {
			return nil, err
		}
		grades[id] = g
	}
	return grades, rows.Err()
}

// checkGroups refuses names of armed groups that are not on record within the
// author's reach, so that nobody can try out names. What a feature named before
// may stay, seen or not.
func (w *writer) checkGroups(ctx context.Context) error {
	type mention struct {
		change  int
		pointer string
		group   string
	}
	var mentions []mention
	known := map[string]bool{}
	for _, t := range w.order {
		for _, s := range t.states {
			if t.layer.Table == "armed_group" {
				if name, ok := s.Values[t.layer.Index("group_id")].(string); ok {
					known[name] = true
				}
				continue
			}
			if !s.Written {
				continue
			}
			before := w.namedBefore(t)
			name := func(pointer, group string) {
				if !before[group] {
					mentions = append(mentions, mention{t.change, pointer, group})
				}
			}
			for _, property := range []string{"group_id", "coalition_id"} {
				if i := t.layer.Index(property); i >= 0 {
					if group, ok := s.Values[i].(string); ok {
						name("/properties/"+property, group)
					}
				}
			}
			for i, group := range holdersOf(t.layer, s) {
				name(fmt.Sprintf("/properties/holders/%d/group", i), group)
			}
		}
	}
	var asked []string
	for _, m := range mentions {
		if !known[m.group] {
			asked = append(asked, m.group)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	reach := geo.ReachOf(w.batch.Author.Audience)
	rows, err := w.tx.Query(ctx, `SELECT group_id FROM pasaj.armed_group WHERE group_id = ANY ($1) AND upper_inf(known)
		AND compartment = ANY ($2) AND sensitivity = ANY ($3)`, asked, textsOf(reach.Compartments), textsOf(reach.Classes))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var group string
		if err := rows.Scan(&group); err != nil {
			return err
		}
		known[group] = true
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, m := range mentions {
		if !known[m.group] {
			return w.indexed(m.change, geo.Errorf(geo.CodeInvalid, m.pointer, "no armed group %q is on record", m.group))
		}
	}
	return nil
}

// namedBefore are the groups that a feature names in what its author sees of it.
func (w *writer) namedBefore(t *timeline) map[string]bool {
	out := map[string]bool{}
	for _, s := range t.stored {
		if !w.sees(t.layer, s) {
			continue
		}
		for _, property := range []string{"group_id", "coalition_id"} {
			if i := t.layer.Index(property); i >= 0 {
				if group, ok := s.Values[i].(string); ok {
					out[group] = true
				}
			}
		}
		for _, group := range holdersOf(t.layer, s) {
			out[group] = true
		}
	}
	return out
}

func textsOf[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

func holdersOf(l *geo.Layer, s geo.State) []string {
	i := l.Index("holders")
	if i < 0 {
		return nil
	}
	raw, _ := s.Values[i].(json.RawMessage)
	var holders []geo.Holder
	if len(raw) > 0 && json.Unmarshal(raw, &holders) != nil {
		return nil // the check of the property refuses what has another form
	}
	out := make([]string, len(holders))
	for i, h := range holders {
		out[i] = h.Group
	}
	return out
}
