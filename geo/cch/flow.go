package cch

// Flow through nodes: the most paths from a set of sources to a set of sinks
// that share no node. By Menger's theorem it is the size of the least set of
// nodes that separates them.
//
// Every node carries one path at most, so its whole state is the path's next
// and previous node. In the residual graph a node is two states, its entry (2v)
// and its exit (2v+1). Sets of sources and sinks may grow; the flow stays valid
// and is only added to. Augmentation is Dinic's: a breadth-first search for
// levels and a blocking flow of shortest paths in each phase.

const (
	none     = -1
	terminal = -2 // next or previous node of a path that ends here
)

const (
	sourceRole = 1 + iota
	sinkRole
)

type flow struct {
	first, head    []int32 // adjacency, by the nodes' local numbers
	next, previous []int32
	role           []uint8
	sources, sinks []int32
	inner          []int32 // sources among sources
	value          int

	level   []int32 // by state; -1 for unreached or used up
	current []int32 // by node: arcs of its exit already tried
	queue   []int32
	path    []int32

	into []int32 // backward levels: states that reach a sink, for sinkSide
}

// reset takes a new graph of n nodes.
func (f *flow) reset(n int) {
	if cap(f.next) < n {
		f.next, f.previous, f.role = make([]int32, n), make([]int32, n), make([]uint8, n)
		f.level, f.into, f.current = make([]int32, 2*n), make([]int32, 2*n), make([]int32, n)
	}
	f.next, f.previous, f.role = f.next[:n], f.previous[:n], f.role[:n]
	f.level, f.into, f.current = f.level[:2*n], f.into[:2*n], f.current[:n]
	for v := range n {
		f.next[v], f.previous[v], f.role[v] = none, none, 0
	}
	f.sources, f.sinks, f.inner, f.value = f.sources[:0], f.sinks[:0], f.inner[:0], 0
}

func (f *flow) addSource(v int32) {
	f.role[v] = sourceRole
	f.sources = append(f.sources, v)
}

func (f *flow) addSink(v int32) {
	f.role[v] = sinkRole
	f.sinks = append(f.sinks, v)
}

// grow adds paths until there are no more or there are as many as the limit. It
// tells whether the flow is the greatest; then level holds what the sources
// reach.
func (f *flow) grow(limit int) bool {
	f.settle()
	for f.value < limit {
		if !f.search() {
			return true
		}
		for _, s := range f.sources {
			if f.level[2*s] == 0 {
				f.augment(2 * s)
			}
		}
	}
	return false
}

// search finds the level of every state up to that of the nearest sinks.
func (f *flow) search() bool {
	for s := range f.level {
		f.level[s] = -1
	}
	clear(f.current)
	queue := f.queue[:0]
	for _, v := range f.sources {
		f.level[2*v] = 0
		queue = append(queue, 2*v)
	}
	for _, v := range f.inner {
		f.level[2*v], f.level[2*v+1] = 0, 0
	}
	last := int32(-1)
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		v, next := s>>1, f.level[s]+1
		if last >= 0 && next > last {
			break
		}
		if s&1 == 0 {
			if t := f.enter(v); t >= 0 && f.level[t] < 0 {
				f.level[t] = next
				queue = append(queue, t)
			}
			continue
		}
		if f.role[v] == sinkRole {
			last = next - 1
			continue
		}
		if f.next[v] != none && f.level[2*v] < 0 {
			f.level[2*v] = next
			queue = append(queue, 2*v)
		}
		for _, w := range f.head[f.first[v]:f.first[v+1]] {
			if f.level[2*w] < 0 {
				f.level[2*w] = next
				queue = append(queue, 2*w)
			}
		}
	}
	f.queue = queue
	return last >= 0
}

// settle sorts out the sources that have none but sources around them: no path
// needs to start there.
func (f *flow) settle() {
	rim := f.sources[:0]
	for _, v := range f.sources {
		within := true
		for _, w := range f.head[f.first[v]:f.first[v+1]] {
			if f.role[w] != sourceRole {
				within = false
				break
			}
		}
		if within {
			f.inner = append(f.inner, v)
		} else {
			rim = append(rim, v)
		}
	}
	f.sources = rim
}

// enter is where one gets to from the entry of v: its exit or, where a path goes
// through v already, back along that path to the exit before.
func (f *flow) enter(v int32) int32 {
	if f.next[v] == none {
		return 2*v + 1
	}
	if p := f.previous[v]; p >= 0 {
		return 2*p + 1
	}
	return -1
}

// augment looks for a path along ascending levels and adds it to the flow.
func (f *flow) augment(start int32) {
	path := append(f.path[:0], start)
	for len(path) > 0 {
		s := path[len(path)-1]
		v, t := s>>1, int32(-1)
		if s&1 == 0 {
			if e := f.enter(v); e >= 0 && f.level[e] == f.level[s]+1 {
				t = e
			}
		} else {
			if f.role[v] == sinkRole {
				f.add(path)
				break
			}
			arcs := f.head[f.first[v]:f.first[v+1]]
			for t < 0 && int(f.current[v]) < len(arcs) {
				if w := arcs[f.current[v]]; f.level[2*w] == f.level[s]+1 {
					t = 2 * w
				} else {
					f.current[v]++
				}
			}
			if t < 0 && f.next[v] != none && f.level[2*v] == f.level[s]+1 {
				t = 2 * v
			}
		}
		if t < 0 {
			f.level[s] = -1
			path = path[:len(path)-1]
			continue
		}
		path = append(path, t)
	}
	f.path = path[:0]
}

// add puts a path of states into the flow. Its states are used up for this
// phase.
func (f *flow) add(path []int32) {
	f.value++
	f.previous[path[0]>>1] = terminal
	for i, s := range path {
		f.level[s] = -1
		if s&1 == 0 {
			continue
		}
		v := s >> 1
		switch {
		case i+1 == len(path):
			f.next[v] = terminal
		case path[i+1]>>1 == v:
			f.next[v], f.previous[v] = none, none
		default:
			w := path[i+1] >> 1
			f.next[v], f.previous[w] = w, v
		}
	}
}

// sinkSide finds the states that reach a sink.
func (f *flow) sinkSide() {
	for s := range f.into {
		f.into[s] = -1
	}
	queue := f.queue[:0]
	reach := func(s int32) {
		if f.into[s] < 0 {
			f.into[s] = 0
			queue = append(queue, s)
		}
	}
	for _, v := range f.sinks {
		reach(2*v + 1)
	}
	for i := 0; i < len(queue); i++ {
		v := queue[i] >> 1
		if queue[i]&1 != 0 { // who gets to the exit of v
			if f.next[v] == none {
				reach(2 * v)
			} else if w := f.next[v]; w >= 0 {
				reach(2 * w)
			}
			continue
		}
		if f.next[v] != none {
			reach(2*v + 1)
		}
		for _, w := range f.head[f.first[v]:f.first[v+1]] {
			reach(2*w + 1)
		}
	}
	f.queue = queue
}
