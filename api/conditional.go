package api

import (
	"strings"

	"pasaj/geo"
)

// tagList is the value of If-Match or If-None-Match (RFC 9110, 13.1).
type tagList struct {
	any  bool
	tags []entityTag
}

type entityTag struct {
	weak   bool
	opaque string // with its quotes
}

// encodedSuffix is what some proxies put before the closing quote of the tag of
// an answer they compress; the tag without it names the same state. This
// service itself gives one tag to a state in every encoding: it serves no
// ranges, and Vary keeps encodings apart in caches.
const encodedSuffix = "-gzip"

// parseTagList reads "*" or a list of entity tags.
func parseTagList(s string) (tagList, error) {
	s = strings.Trim(s, " \t")
	if s == "*" {
		return tagList{any: true}, nil
	}
	var out tagList
	for s != "" {
		var t entityTag
		if rest, ok := strings.CutPrefix(s, "W/"); ok {
			t.weak, s = true, rest
		}
		if s == "" || s[0] != '"' {
			return tagList{}, invalid("an entity tag stands in double quotes")
		}
		end := strings.IndexByte(s[1:], '"')
		if end < 0 {
			return tagList{}, invalid("an entity tag is not closed")
		}
		t.opaque = s[:end+2]
		if strings.ContainsFunc(t.opaque, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return tagList{}, invalid("an entity tag holds a control character or blank")
		}
		if body, ok := strings.CutSuffix(t.opaque, encodedSuffix+`"`); ok {
			t.opaque = body + `"`
		}
		if len(out.tags) == 100 {
			return tagList{}, invalid("more than 100 entity tags")
		}
		out.tags = append(out.tags, t)
		s = strings.TrimLeft(s[end+2:], " \t")
		if s == "" {
			return out, nil
		}
		if s[0] != ',' {
			return tagList{}, invalid("entity tags are separated by commas")
		}
		s = strings.TrimLeft(s[1:], " \t,")
	}
	if len(out.tags) == 0 {
		return tagList{}, invalid("no entity tag is given")
	}
	return out, nil
}

// matchesNone compares weakly, as If-None-Match asks: true when the client
// does not have the tag.
func (l tagList) matchesNone(tag string) bool {
	if l.any {
		return false
	}
	for _, t := range l.tags {
		if t.opaque == tag {
			return false
		}
	}
	return true
}

// revisions lists those of the strong tags that are revisions of a feature.
func (l tagList) revisions() []geo.Revision {
	var out []geo.Revision
	for _, t := range l.tags {
		if t.weak {
			continue
		}
		if asof, err := geo.ParseAsOf(strings.Trim(t.opaque, `"`)); err == nil && asof.Revision > 0 {
			out = append(out, asof.Revision)
		}
	}
	return out
}

// notModified reports whether an If-None-Match header already holds the tag.
// A header that cannot be read is ignored, as RFC 9110 allows.
func notModified(header, tag string) bool {
	if header == "" {
		return false
	}
	if header == tag {
		return true
	}
	list, err := parseTagList(header)
	return err == nil && !list.matchesNone(tag)
}
