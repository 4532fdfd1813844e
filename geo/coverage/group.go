package coverage

import (
	"hash/maphash"
	"slices"

	"pasaj/geo"
)

// groupBook is what is known of armed groups at an instant.
type groupBook struct {
	names   map[string]string
	parents map[string][]string // the coalitions that a group belongs to, directly
	onList  map[string]bool     // with a reference of the United Nations' list
	print   uint64              // equal books have equal prints; of what they say, for a version's address may be another's later
}

// saying is what one record says for tallies.
type saying struct {
	group, coalition string
	listed           bool
}

// groups reads the armed groups at the scene's instant. Alliances change: those
// of the instant count.
func (s *scene) groups() *groupBook {
	if have, ok := s.kept["groups"]; ok {
		return have.(*groupBook)
	}
	b := &groupBook{names: map[string]string{}, parents: map[string][]string{}, onList: map[string]bool{}}
	var h maphash.Hash
	h.SetSeed(fingerprintSeed)
	s.each("armed-groups", func(v *geo.Version) {
		if id := v.Text("group_id"); id != "" {
			b.names[id] = v.Name().French
			b.onList[id] = b.onList[id] || v.Text("un_listing_ref") != ""
			maphash.WriteComparable(&h, saying{group: id, listed: b.onList[id]})
		}
	})
	s.each("group-memberships", func(v *geo.Version) {
		if group, coalition := v.Text("group_id"), v.Text("coalition_id"); group != "" && coalition != "" {
			b.parents[group] = append(b.parents[group], coalition)
			maphash.WriteComparable(&h, saying{group: group, coalition: coalition})
		}
	})
	b.print = h.Sum64()
	s.kept["groups"] = b
	return b
}

// maxAlliance bounds how many coalitions a group is followed into.
const maxAlliance = 64

// coalitions are those that a group counts for: those it belongs to, those that
// they belong to, and itself where others belong to it.
func (b *groupBook) coalitions(group string) []string {
	var out []string
	for next := []string{group}; len(next) > 0 && len(out) < maxAlliance; next = next[1:] {
		for _, parent := range b.parents[next[0]] {
			if !slices.Contains(out, parent) && parent != group {
				out = append(out, parent)
				next = append(next, parent)
			}
		}
	}
	for _, parents := range b.parents {
		if slices.Contains(parents, group) {
			out = append(out, group)
			break
		}
	}
	slices.Sort(out)
	return out
}

// listed reports whether a group, or a coalition it belongs to, is on the list.
func (b *groupBook) listed(group string) bool {
	if b.onList[group] {
		return true
	}
	return slices.ContainsFunc(b.coalitions(group), func(c string) bool { return b.onList[c] })
}

// name is the name of a group, or its identifier.
func (b *groupBook) name(group string) string {
	if name := b.names[group]; name != "" {
		return name
	}
	return group
}
