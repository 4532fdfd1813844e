package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// lastRelease is the newest release that was read: while the record is out of
// reach the public goes on reading it.
type lastRelease struct {
	mu      sync.Mutex
	release geo.Release
}

func (l *lastRelease) keep(r geo.Release) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.At.After(l.release.At) {
		l.release = r
	}
}

// by gives it, if it was told by an instant.
func (l *lastRelease) by(at time.Time) (geo.Release, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.release, !l.release.At.IsZero() && !l.release.At.After(at)
}

// released answers with what the public was told last; done is false when
// nothing was told yet.
func (c *call) released(m measuring) (done bool, err error) {
	releases := c.server.options.Releases
	if releases == nil {
		return false, nil
	}
	by := c.toldBy(m)
	release, err := releases.Release(c.context(), geo.Public, by)
	switch {
	case geo.CodeOf(err) == geo.CodeNotFound:
		return false, nil
	case err == nil:
		c.server.told.keep(release)
	default:
		var kept bool
		if release, kept = c.server.told.by(by); !kept {
			return false, unavailable(err)
		}
	}
	var told coverage.Released
	if err := json.Unmarshal(release.Body, &told); err != nil {
		return false, fmt.Errorf("read the release of %s: %w", geo.FormatInstant(release.At), err)
	}
	if told.Areas, err = c.toldAreas(m, &told); err != nil {
		return false, err
	}
	body, err := marshal(told)
	if err != nil {
		return false, err
	}
	return true, c.documentBytes(mediaJSON, body, false) // a release may be made late: no answer is for ever
}

// toldBy is the instant by which a release was told that answers a call: as of
// a revision or an instant nothing is told that came later, whatever the valid
// time asked about.
func (c *call) toldBy(m measuring) time.Time {
	known := m.world.At()
	switch asof := c.args.asof; {
	case asof.IsZero():
		return m.at
	case asof.Revision == 0:
		known = asof.Time
	}
	if c.args.moment.Set && m.at.Before(known) {
		return m.at
	}
	return known
}

// toldAreas picks the areas of a question. Areas that no release speaks of, such
// as communal sections, are withheld.
func (c *call) toldAreas(m measuring, told *coverage.Released) ([]coverage.ReleasedArea, error) {
	areas, err := told.Select(c.args.areas, c.args.level)
	if err == nil && len(areas) > 0 {
		return areas, nil
	}
	report, err := c.server.options.Coverage.Report(c.context(), m.world, coverage.Query{At: m.at, Areas: c.args.areas, Level: c.args.level})
	if geo.CodeOf(err) == geo.CodeNotFound {
		return nil, badParameter("area", err)
	}
	if err != nil {
		return nil, err
	}
	areas = []coverage.ReleasedArea{}
	for _, a := range report.Areas {
		if found, err := told.Select([]string{a.ID}, a.Level); err == nil {
			areas = append(areas, found...)
			continue
		}
		areas = append(areas, coverage.ReleasedArea{
			ID: a.ID, Name: a.Name, Level: a.Level, Status: coverage.Withheld,
			Denominator: coverage.Denominator{
				Name: a.Denominator.Name, Members: []string{}, Missing: slices.Concat(a.Denominator.Members, a.Denominator.Missing), Source: a.Denominator.Source,
			},
		})
	}
	return areas, nil
}
