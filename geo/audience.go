package geo

import (
	"fmt"
	"slices"
)

// Audience is a circle of people who may know the same things. Each is a role
// of the database, and one world in memory is loaded through that role.
type Audience uint8

// The four audiences, from the widest to the narrowest.
const (
	Public       Audience = iota // anybody
	Humanitarian                 // access analysts, convoy and ambulance planners
	Security                     // safety advisers of the humanitarian side
	Operations                   // planners of police and mission forces
)

var audienceNames = [...]string{"public", "hum", "sec", "ops"}

// Audiences lists every audience in ascending order.
func Audiences() []Audience { return []Audience{Public, Humanitarian, Security, Operations} }

// String is the short name used in the database, in URLs and in headers.
func (a Audience) String() string {
	if int(a) < len(audienceNames) {
		return audienceNames[a]
	}
	return fmt.Sprintf("audience(%d)", uint8(a))
}

// ParseAudience reads a short name; anything else is an error of code invalid.
func ParseAudience(s string) (Audience, error) {
	for i, name := range audienceNames {
		if name == s {
			return Audience(i), nil
		}
	}
	return 0, Errorf(CodeInvalid, "", "unknown audience %q: one of public, hum, sec, ops", s)
}

// AudienceSet is a set of audiences as a bit mask.
type AudienceSet uint8

// AudienceSetOf collects audiences into a set.
func AudienceSetOf(audiences ...Audience) AudienceSet {
	var s AudienceSet
	for _, a := range audiences {
		s |= 1 << a
	}
	return s
}

// Sets that the catalogue names often.
const (
	everybody  AudienceSet = 1<<Public | 1<<Humanitarian | 1<<Security | 1<<Operations
	notPublic  AudienceSet = 1<<Humanitarian | 1<<Security | 1<<Operations
	humAndSec  AudienceSet = 1<<Humanitarian | 1<<Security
	secAndOps  AudienceSet = 1<<Security | 1<<Operations
	nobodyReal AudienceSet = 0
)

// Has reports whether the set holds the audience.
func (s AudienceSet) Has(a Audience) bool { return s&(1<<a) != 0 }

// Class is the sensitivity of a record after the four levels of the IASC
// operational guidance on data responsibility.
type Class string

// The classes in ascending order of harm if disclosed.
const (
	ClassLow      Class = "low"
	ClassModerate Class = "moderate"
	ClassHigh     Class = "high"
	ClassSevere   Class = "severe"
)

// below reports whether the class is less sensitive than the other.
func (c Class) below(other Class) bool {
	order := []Class{ClassLow, ClassModerate, ClassHigh, ClassSevere}
	return slices.Index(order, c) < slices.Index(order, other)
}

// Compartment says in whose keeping a record is.
type Compartment string

// The compartments. Humanitarian records never flow to operations without
// their originator's release; security records may flow to humanitarians.
const (
	CompartmentPublic       Compartment = "public"
	CompartmentHumanitarian Compartment = "hum"
	CompartmentSecurity     Compartment = "sec"
	CompartmentOperations   Compartment = "ops"
)

// Reach is what an audience may see of the record: the compartments and the
// classes. The database turns it into row-level security; nothing else filters.
type Reach struct {
	Compartments []Compartment
	Classes      []Class
}

// ReachOf gives an audience's reach.
func ReachOf(a Audience) Reach {
	switch a {
	case Humanitarian:
		return Reach{
			Compartments: []Compartment{CompartmentPublic, CompartmentHumanitarian, CompartmentSecurity},
			Classes:      []Class{ClassLow, ClassModerate, ClassHigh},
		}
	case Security:
		return Reach{
			Compartments: []Compartment{CompartmentPublic, CompartmentHumanitarian, CompartmentSecurity},
			Classes:      []Class{ClassLow, ClassModerate, ClassHigh, ClassSevere},
		}
	case Operations:
		return Reach{
			Compartments: []Compartment{CompartmentPublic, CompartmentSecurity, CompartmentOperations},
			Classes:      []Class{ClassLow, ClassModerate, ClassHigh, ClassSevere},
		}
	default:
		return Reach{Compartments: []Compartment{CompartmentPublic}, Classes: []Class{ClassLow}}
	}
}

// Sees reports whether a record of this compartment and class is within reach.
func (r Reach) Sees(c Compartment, class Class) bool {
	found := false
	for _, have := range r.Compartments {
		found = found || have == c
	}
	if !found {
		return false
	}
	for _, have := range r.Classes {
		if have == class {
			return true
		}
	}
	return false
}
