package haiti

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
)

//go:embed record/*.json communes.geojson departments.csv baselines.csv
var files embed.FS

// Author is who wrote the snapshot. The security audience sees every property
// that it fills.
var Author = geo.Author{Name: "pasaj", Audience: geo.Security}

// Notice goes with every answer that rests on the snapshot.
var Notice = geo.Text{
	French:  "Compilation de référence tirée de rapports publics: approximative, datée, à ne pas utiliser pour des opérations. Les zones et barrages de démonstration sont dessinés autour de lieux nommés.",
	Haitian: "Konpilasyon referans ki soti nan rapò piblik: apeprè, gen dat, pa pou operasyon. Zòn ak baraj demonstrasyon yo desine alantou kote ki gen non.",
	English: "Reference compilation from public reports: approximate, dated, not for operational use. Demonstration zones and roadblocks are drawn around named places.",
}

// Epoch is from when undated things hold in the snapshot: the publication of
// the boundaries it stands on.
var Epoch = time.Date(2018, 11, 29, 0, 0, 0, 0, time.UTC)

// namespace makes the identifiers of the snapshot the same in every record.
var namespace = uuid.MustParse("6f1c2a52-3f0e-5a68-9a3b-50a5a1f0c0de")

// ID is the identifier of the snapshot's feature with that code: a UUID of
// version 5, so that loading the snapshot again is recognised.
func ID(layer, code string) uuid.UUID {
	return uuid.NewSHA1(namespace, []byte(layer+"/"+code))
}

// parts are the batches in the order of loading: what others refer to first.
var parts = []struct {
	reason string
	layers []string
}{
	{"reference snapshot: sources and the reports taken from them", []string{"sources", "observations"}},
	{"reference snapshot: armed groups and coalitions", []string{"armed-groups", "group-memberships"}},
	{"reference snapshot: places, ports, airports and other facilities", []string{"places", "ports", "airports", "facilities", "police-facilities"}},
	{"reference snapshot: national roads by section", []string{"national-roads"}},
	{"reference snapshot: demonstration timeline 2021 to 2025", []string{"controlled-zones", "roadblocks", "incidents"}},
}

// Batches gives the snapshot as changes, each batch one revision, in the order
// in which they are to be written. Each carries a repetition guard over its
// content: writing the same snapshot twice has no effect the second time.
// An error means that the embedded files are damaged.
func Batches() ([]geo.Batch, error) {
	s, err := newSnapshot()
	if err != nil {
		return nil, err
	}
	areas, err := s.adminAreas()
	if err != nil {
		return nil, err
	}
	out := []geo.Batch{{Reason: "reference snapshot: departments and communes (OCHA COD-AB, CNIGS 2018, generalised)", Changes: areas}}
	for _, part := range parts {
		batch := geo.Batch{Reason: part.reason}
		for _, layer := range part.layers {
			changes, err := s.changes(layer)
			if err != nil {
				return nil, err
			}
			batch.Changes = append(batch.Changes, changes...)
		}
		out = append(out, batch)
	}
	for i := range out {
		out[i].Author = Author
		out[i].Once = once(out[i])
	}
	return out, nil
}

// once guards a batch by a digest of what it writes.
func once(b geo.Batch) *geo.Once {
	h := sha256.New()
	for _, c := range b.Changes {
		// A hash never fails to take bytes.
		_, _ = fmt.Fprintf(h, "%s %s %s %s %v", c.Layer.Name, c.ID, geo.FormatInstant(c.Draft.From), geo.FormatInstant(c.Draft.To), c.Draft.HasTo)
		_, _ = h.Write(geo.AppendGeometry(nil, c.Draft.Geometry))
		for _, value := range c.Draft.Values {
			_, _ = h.Write(geo.AppendValue(nil, value))
		}
	}
	digest := [32]byte(h.Sum(nil))
	return &geo.Once{Key: "snapshot-" + hex.EncodeToString(digest[:8]), Digest: digest}
}
