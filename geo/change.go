package geo

import (
	"time"

	"github.com/google/uuid"
)

// Action is what a change does to a feature.
type Action string

// The actions. Delete withdraws a feature from knowledge: it was never so, or
// must not be shown; that a roadblock is gone is a change of state, not a
// deletion. Either way earlier revisions keep it.
const (
	Create  Action = "create"
	Replace Action = "replace"
	Patch   Action = "patch"
	Delete  Action = "delete"
)

// Change is one edit of one feature.
//
// Valid time. A Create holds from Draft.From, or from the moment of the write,
// to Draft.To. A Replace or Patch edits one state: the one in force at
// valid_from or, where that is not named, at the moment of the write.
//
//	valid_from          valid_to            written
//	not named           not named           from the write to the state's end; what held before stays
//	not named           after the write     from the write to valid_to, where the state ends
//	not named           at or before it     all of the state, which ends at valid_to
//	the state's start   not named           all of the state
//	the state's start   named               all of the state, which ends at valid_to
//	within the state    not named           from there to the state's end
//	within the state    named               that stretch; the state goes on after it
//
// Where the state ends earlier than it did, what remained of it is dropped:
// nothing is known to hold then. Where it ends later, it takes what the next
// states held until then; a valid_to of null opens it up to the next state. A
// Patch of valid_to alone moves the state's end and changes no value.
type Change struct {
	Layer   *Layer
	Action  Action
	ID      uuid.UUID // Create: zero to have one made
	Draft   *Draft    // nil for Delete
	IfMatch Revision  // 0: none given
}

// Author is who makes a change, and what that person may see.
type Author struct {
	Name     string
	Audience Audience
}

// Once identifies a request that may be sent again: the same author and key
// with the same digest gets the first receipt, with another digest a conflict.
type Once struct {
	Key    string
	Digest [32]byte
}

// Batch is the changes of one transaction, which is one revision.
type Batch struct {
	Author  Author
	Reason  string
	Changes []Change
	Once    *Once // nil: no repetition guard
}

// Receipt says what a batch did. A repeated request gets the same receipt with
// Repeated set.
type Receipt struct {
	Revision Revision
	At       time.Time
	IDs      []uuid.UUID // one for each change, in order
	Repeated bool
}

// Event is what one revision changed for one audience.
type Event struct {
	Revision Revision
	At       time.Time
	Changes  []EventChange
}

// EventChange is one feature's change within an event.
type EventChange struct {
	Layer  *Layer
	ID     uuid.UUID
	Gone   bool       // no longer in this audience's world
	Bound  [4]float64 // min lon, min lat, max lon, max lat of what changed
	Placed bool       // Bound is set
}
