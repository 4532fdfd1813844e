package api

import (
	"strconv"
	"strings"
)

// mediaRange is one element of an Accept header (RFC 9110, 12.5.1).
type mediaRange struct {
	kind string // type/subtype in lower case, maybe with a wildcard
	q    float64
}

// parseAccept reads an Accept or Accept-Encoding header; what it cannot read
// it leaves out, and it reads no more than 50 elements.
func parseAccept(header string) []mediaRange {
	var out []mediaRange
	for part := range strings.SplitSeq(header, ",") {
		if len(out) == 50 {
			break
		}
		kind, rest, _ := strings.Cut(part, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		if kind == "" {
			continue
		}
		r := mediaRange{kind: kind, q: 1}
		for parameter := range strings.SplitSeq(rest, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			if strings.EqualFold(name, "q") {
				q, err := strconv.ParseFloat(value, 64)
				if err != nil || !(q >= 0 && q <= 1) {
					q = 0
				}
				r.q = q
			}
		}
		out = append(out, r)
	}
	return out
}

// negotiate picks the offer that the header likes best, the earlier one on a
// tie; "" when it accepts none. An empty header accepts everything.
func negotiate(header string, offers ...string) string {
	if header == "" || header == "*/*" {
		return offers[0]
	}
	if header == offers[0] {
		return offers[0]
	}
	ranges := parseAccept(header)
	best, bestQ := "", 0.0
	for _, offer := range offers {
		if q := quality(ranges, offer); q > bestQ {
			best, bestQ = offer, q
		}
	}
	return best
}

// quality is the weight of the most specific range that covers the offer.
func quality(ranges []mediaRange, offer string) float64 {
	offer, _, _ = strings.Cut(offer, ";")
	family, _, _ := strings.Cut(offer, "/")
	q, precision := 0.0, -1
	for _, r := range ranges {
		p := -1
		switch {
		case r.kind == offer:
			p = 2
		case r.kind == family+"/*":
			p = 1
		case r.kind == "*/*" || r.kind == "*":
			p = 0
		}
		if p > precision {
			q, precision = r.q, p
		}
	}
	return q
}

// acceptsGzip reports whether an Accept-Encoding header allows gzip.
func acceptsGzip(header string) bool {
	if header == "" {
		return false
	}
	return quality(parseAccept(header), "gzip") > 0
}
