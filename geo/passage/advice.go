package passage

import "pasaj/geo"

// advice is one of geo.Advices, in their order: the greater is the more
// guarded.
type advice int

const (
	noReportedObstacle advice = iota
	passableWithConditions
	negotiationNeeded
	notPassable
	insufficientInformation
)

func (a advice) String() string { return geo.Advices[a].Value }

// effectOf is what an answer to "may this class pass?" means for the way.
var effectOf = map[string]advice{
	"yes": noReportedObstacle, "pay": passableWithConditions, "ask": passableWithConditions,
	"escort": negotiationNeeded, "unknown": negotiationNeeded, "no": notPassable,
}
