package isolation

import "pasaj/geo"

// Status is what an edge, a gate or a connection is for one vehicle class at
// one instant. The statuses are ordered: each allows less than the one before.
type Status uint8

// The statuses.
const (
	Open       Status = iota
	Restricted        // passable under conditions, such as hours or a largest vehicle
	PayOrAsk          // passable when somebody is paid or gives permission
	Unknown           // nobody knows
	Closed
)

// Statuses is the number of statuses.
const Statuses = int(Closed) + 1

var statusWords = [Statuses]string{"open", "restricted", "pay_or_ask", "unknown", "closed"}

// String gives the word of the JSON form.
func (s Status) String() string {
	if int(s) < Statuses {
		return statusWords[s]
	}
	return "unknown"
}

// MarshalText gives the word of the JSON form.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word of the JSON form.
func (s *Status) UnmarshalText(text []byte) error {
	for i, word := range statusWords {
		if word == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return geo.Errorf(geo.CodeInvalid, "", "status is none of open, restricted, pay_or_ask, unknown, closed")
}

// State is the status of every edge of a graph, by position.
type State []Status

// passes reports whether an edge is at least as good as worst.
func (s State) passes(edge int32, worst Status) bool { return s[edge] <= worst && s[edge] < Closed }

func (s State) check(g *Graph) error {
	if len(s) != g.Edges() {
		return geo.Errorf(geo.CodeInvalid, "", "the state has %d edges, the graph %d", len(s), g.Edges())
	}
	return nil
}
