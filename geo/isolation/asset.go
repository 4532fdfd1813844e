package isolation

// Use is how far a port or an airport can be used.
type Use string

// The uses.
const (
	UseFull    Use = "full"
	UseLimited Use = "limited"
	UseCut     Use = "cut"
	UseUnknown Use = "unknown"
)

// use judges an asset by the chain it depends on: shut anywhere is cut, unknown
// anywhere is unknown, conditions anywhere are limits.
func use(links ...Status) Use {
	worst, isUnknown := Open, false
	for _, s := range links {
		if s == Unknown {
			isUnknown = true
		} else {
			worst = max(worst, s)
		}
	}
	switch {
	case worst == Closed:
		return UseCut
	case isUnknown:
		return UseUnknown
	case worst > Open:
		return UseLimited
	default:
		return UseFull
	}
}

// Port is what is known about a port.
type Port struct {
	Operating Status `json:"operating"`
	Land      Status `json:"land"` // of the way to the town it serves, for a 20-tonne truck
	Sea       Status `json:"sea"`  // restricted after an attack on the water in the last 14 days
}

// Use says how far the port can be used.
func (p Port) Use() Use { return use(p.Operating, p.Land, p.Sea) }

// Airport is what is known about an airport.
type Airport struct {
	Operating Status `json:"operating"` // restricted when only humanitarian flights operate
	Land      Status `json:"land"`      // of the way to the city
	Air       Status `json:"air"`       // restricted after an attack on aircraft in the last 30 days
}

// Use says how far the airport can be used.
func (a Airport) Use() Use { return use(a.Operating, a.Land, a.Air) }
