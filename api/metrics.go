package api

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pasaj/geo"
)

// metrics are the service's figures for Prometheus. No figure names a person,
// a place or an address.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	handler  http.Handler
	build    string // short hash of the version, part of entity tags
	mu       sync.Mutex
	figures  map[string]*figures
}

// figures are those of one operation.
type figures struct {
	seconds  prometheus.Observer
	requests *prometheus.CounterVec
	byStatus sync.Map // int to prometheus.Counter
	id       string
}

func newMetrics(s *Server) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), figures: map[string]*figures{}}
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.options.Version)) // a hash takes every write
	m.build = strconv.FormatUint(uint64(h.Sum32()), 36)
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pasaj_requests_total", Help: "Requests answered, by operation and status.",
	}, []string{"operation", "status"})
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "pasaj_request_seconds", Help: "Time to answer a request, by operation.",
		Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5, 30},
	}, []string{"operation"})
	m.registry.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	live := s.options.Live
	gauge("pasaj_revision", "Revision that the worlds stand at.", func() float64 { return float64(live.World(geo.Public).Revision()) })
	gauge("pasaj_subscribers", "Open streams of changes.", func() float64 { return float64(live.Subscribers()) })
	gauge("pasaj_record_connected", "1 while the record is being followed.", func() float64 {
		if live.Connected() {
			return 1
		}
		return 0
	})
	gauge("pasaj_record_age_seconds", "Age of the data while the record is out of reach.", func() float64 {
		age, _ := s.age()
		return float64(age)
	})
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return m
}

// of gives the figures of an operation.
func (m *metrics) of(id string) *figures {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.figures[id]
	if f == nil {
		f = &figures{seconds: m.seconds.WithLabelValues(id), requests: m.requests, id: id}
		m.figures[id] = f
	}
	return f
}

func (f *figures) observe(status int, took time.Duration) {
	f.seconds.Observe(took.Seconds())
	counter, ok := f.byStatus.Load(status)
	if !ok {
		counter, _ = f.byStatus.LoadOrStore(status, f.requests.WithLabelValues(f.id, strconv.Itoa(status)))
	}
	counter.(prometheus.Counter).Inc()
}

func (s *Server) serveMetrics(c *call) error {
	c.header()["Cache-Control"] = noStore
	s.metrics.handler.ServeHTTP(c.echo.Response(), c.echo.Request())
	return nil
}

// alive says that the process answers.
func (s *Server) alive(c *call) error {
	return c.private(http.StatusOK, map[string]any{"status": "ok"})
}

// isReady says whether answers can be given. A record out of reach does not
// take the service away: reads go on from memory.
func (s *Server) isReady(c *call) error {
	if !s.ready() {
		return geo.Errorf(geo.CodeUnavailable, "", "the worlds are not loaded yet")
	}
	age, late := s.age()
	if late || !s.options.Live.Connected() {
		return c.private(http.StatusOK, map[string]any{
			"status": "degraded", "detail": fmt.Sprintf("the record is out of reach; reads go on with data %d s old", age), "age_s": age,
		})
	}
	return c.private(http.StatusOK, map[string]any{"status": "ok", "age_s": 0})
}
