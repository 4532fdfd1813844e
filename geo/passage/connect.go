package passage

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// Limits of a question about connections.
const (
	MaxConnectPlaces = 20_000 // hubs and places of all groups together
	MaxConnectGroups = 2000
)

// ConnectRequest asks how each of some places is connected to any of some hubs.
// Points and Line of the embedded request are not used.
type ConnectRequest struct {
	Request
	Hubs, Places []orb.Point
}

// ConnectGroupsRequest asks the same of several groups, each by itself.
type ConnectGroupsRequest struct {
	Request
	Groups []ConnectGroup
}

// ConnectGroup is some hubs and the places that want to be connected to any of
// them: a port and the town behind it, say.
type ConnectGroup struct{ Hubs, Places []orb.Point }

// Resolve fills what the sender left open, see Request.Resolve.
func (r ConnectRequest) Resolve(now time.Time, m *geo.Model) ConnectRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r ConnectGroupsRequest) Resolve(now time.Time, m *geo.Model) ConnectGroupsRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}

// Connect gives for each place the status of its best connection to any of the
// hubs: closed where there is no way for the vehicle, and unknown where every way
// leads over roads that nobody knows about, or where no road is near the place.
// Like everywhere in package isolation one-way rules do not count.
func (e *Engine) Connect(ctx context.Context, w *world.World, r ConnectRequest) ([]isolation.Status, error) {
	out, err := e.ConnectGroups(ctx, w, ConnectGroupsRequest{r.Request, []ConnectGroup{{r.Hubs, r.Places}}})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// ConnectGroups is Connect for several groups, in their order. The network is
// looked at once for all of them, and for the next question of the same world,
// vehicle and hour not again.
func (e *Engine) ConnectGroups(ctx context.Context, w *world.World, r ConnectGroupsRequest) ([][]isolation.Status, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	request := r.Request
	request.Points, request.Line = nil, nil
	q, err := e.enquire(ctx, w, &request)
	if err != nil {
		return nil, err
	}
	links, err := q.links(ctx)
	if err != nil {
		return nil, err
	}
	c := connector{q, q.pricing(kindFastest, nil), links}
	out := make([][]isolation.Status, len(r.Groups))
	for i, group := range r.Groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = c.connect(group)
	}
	return out, nil
}

func (r *ConnectGroupsRequest) check() error {
	if err := r.checkCaller(); err != nil {
		return err
	}
	if len(r.Groups) > MaxConnectGroups {
		return geo.Errorf(geo.CodeTooLarge, "/groups", "%d groups: at most %d", len(r.Groups), MaxConnectGroups)
	}
	left := MaxConnectPlaces
	for i, group := range r.Groups {
		for _, list := range []struct {
			name   string
			places []orb.Point
		}{{"hubs", group.Hubs}, {"places", group.Places}} {
			pointer := "/groups/" + strconv.Itoa(i) + "/" + list.name
			if left -= len(list.places); left < 0 {
				return geo.Errorf(geo.CodeTooLarge, pointer, "at most %d hubs and places together", MaxConnectPlaces)
			}
			if err := checkPlaces(pointer, list.places, 0, MaxConnectPlaces); err != nil {
				return err
			}
		}
	}
	return nil
}

// connector answers for groups on one network in one state.
type connector struct {
	*enquiry
	prices pricing
	links  *isolation.Levels
}

// attached is a place on its edge: what the road is from there to either end.
// An obstacle stands somewhere along an edge, so an edge that cannot be passed
// may still lead from the place to one of its ends, and a place between two
// obstacles leads nowhere however long its edge is.
type attached struct {
	road.Position
	ends [2]struct {
		junction int32
		status   isolation.Status
	}
}

func (c *connector) attach(at road.Position) attached {
	e := c.roads.graph.Edge(at.Edge)
	out := attached{Position: at}
	for i, end := range [2]struct {
		junction int
		alongM   float64
	}{{e.From, 0}, {e.To, e.LengthM}} {
		out.ends[i].junction = int32(end.junction)
		out.ends[i].status = c.stretchState(&c.prices, road.Stretch{Edge: at.Edge, FromM: at.AlongM, ToM: end.alongM})
	}
	return out
}

// linked is a part of the network at a status.
type linked struct {
	worst isolation.Status
	part  int32
}

// each calls do for every part that the place is in, from the best status on.
func (c *connector) each(a *attached, do func(linked) bool) {
	for worst := isolation.Open; worst < isolation.Closed; worst++ {
		for _, end := range a.ends {
			if end.status <= worst && do(linked{worst, c.links.Part(end.junction, worst)}) {
				return
			}
		}
	}
}

func (c *connector) connect(group ConnectGroup) []isolation.Status {
	served := map[linked]bool{}     // parts with a hub
	on := map[int][]road.Position{} // hubs by edge
	for _, at := range c.snapAll(group.Hubs) {
		if !at.ok {
			continue
		}
		hub := c.attach(at.Position)
		on[at.Edge] = append(on[at.Edge], at.Position)
		c.each(&hub, func(l linked) bool {
			served[l] = true
			return false
		})
	}
	out := make([]isolation.Status, len(group.Places))
	for i, at := range c.snapAll(group.Places) {
		if !at.ok {
			out[i] = isolation.Unknown
			continue
		}
		best := isolation.Closed
		place := c.attach(at.Position)
		c.each(&place, func(l linked) bool {
			if served[l] {
				best = l.worst
			}
			return best < isolation.Closed
		})
		for _, hub := range on[at.Edge] { // straight along the edge
			if hub == at.Position {
				best = isolation.Open // there already
			} else if best > isolation.Open {
				best = min(best, c.stretchState(&c.prices, road.Stretch{Edge: at.Edge, FromM: at.AlongM, ToM: hub.AlongM}))
			}
		}
		out[i] = best
	}
	return out
}

// linksKept is how many states of a network are kept in parts.
const linksKept = 8

// linkKey tells states of a network apart.
type linkKey struct {
	ground           *ground
	phase            *phase
	vehicle, profile string
	at, depart       int64
	maxAge           time.Duration
}

// linkKeep keeps networks in parts.
type linkKeep struct {
	mu    sync.Mutex
	of    map[linkKey]*linkEntry
	order []linkKey // oldest first
}

type linkEntry struct {
	once   sync.Once
	levels *isolation.Levels
	err    error
}

// links is the network in its parts for the question.
func (q *enquiry) links(ctx context.Context) (*isolation.Levels, error) {
	people := &q.kept.people
	if err := people.prepare(q.roads.graph); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if q.private.ignored != nil { // the request wants something different
		return people.graph.Levels(q.states())
	}
	key := linkKey{
		q.ground, q.phase, q.request.Vehicle, q.request.Profile,
		q.request.At.UnixMicro(), q.request.DepartAt.UnixMicro(), q.request.MaxAge,
	}
	entry := q.kept.links.entry(key)
	entry.once.Do(func() { entry.levels, entry.err = people.graph.Levels(q.states()) })
	return entry.levels, entry.err
}

func (k *linkKeep) entry(key linkKey) *linkEntry {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[linkKey]*linkEntry{}
	}
	e := k.of[key]
	if e == nil {
		e = &linkEntry{}
		k.of[key] = e
		k.order = append(k.order, key)
		for len(k.order) > linksKept {
			delete(k.of, k.order[0])
			k.order = slices.Delete(k.order, 0, 1)
		}
	}
	return e
}
