package postgis

import (
	"context"
	"slices"
	"sync"
	"weak"

	"pasaj/geo/road"
)

// graphsKept is how many road graphs are held even when no world uses them: the
// one of the present and one of the past. A country's takes 300 MB.
const graphsKept = 2

// graphCache gives every world of a network the same graph. It follows graphs
// weakly: one that any world still holds is never built a second time, and one
// that nobody holds goes, but for the graphsKept last asked for.
type graphCache struct {
	sync.Mutex
	graphs  map[string]weak.Pointer[road.Graph]
	loading map[string]chan struct{} // closed when the loading ended, either way
	recent  []*road.Graph            // the last asked for in front
}

func newGraphCache() *graphCache {
	return &graphCache{graphs: map[string]weak.Pointer[road.Graph]{}, loading: map[string]chan struct{}{}}
}

// get finds the graph of a network or loads it. Of several at once one loads;
// should it fail, the next tries by its own means.
func (c *graphCache) get(ctx context.Context, id string, load func() (*road.Graph, error)) (*road.Graph, error) {
	for {
		c.Lock()
		if graph := c.graphs[id].Value(); graph != nil {
			c.use(graph)
			c.Unlock()
			return graph, nil
		}
		busy := c.loading[id]
		if busy == nil {
			break
		}
		c.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	done := make(chan struct{})
	c.loading[id] = done
	c.Unlock()

	var graph *road.Graph
	defer func() { // also when load panics, or the rest would wait for ever
		c.Lock()
		defer c.Unlock()
		if graph != nil {
			for other, pointer := range c.graphs {
				if pointer.Value() == nil {
					delete(c.graphs, other)
				}
			}
			c.graphs[id] = weak.Make(graph)
			c.use(graph)
		}
		delete(c.loading, id)
		close(done)
	}()
	var err error
	graph, err = load()
	return graph, err
}

// use moves a graph to the front of those that are kept.
func (c *graphCache) use(graph *road.Graph) {
	if i := slices.Index(c.recent, graph); i >= 0 {
		c.recent = slices.Delete(c.recent, i, i+1)
	}
	c.recent = slices.Insert(c.recent, 0, graph)
	if len(c.recent) > graphsKept {
		c.recent[graphsKept] = nil
		c.recent = c.recent[:graphsKept]
	}
}
