package format

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"pasaj/geo"
)

// Metadata says what an export is a copy of.
type Metadata struct {
	Revision geo.Revision
	Audience geo.Audience
	Notice   geo.Text
}

// WriteGeoJSON writes a FeatureCollection: every version as the audience's
// world holds it, each state of a feature as a feature of its own. The member
// "pasaj" (foreign to RFC 7946, which allows it) names the collection, the
// revision, the audience and the notice. ReadGeoJSON takes the file back.
func WriteGeoJSON(w io.Writer, l *geo.Layer, m Metadata, versions []*geo.Version) error {
	head, err := json.Marshal(struct {
		Collection string       `json:"collection"`
		Revision   geo.Revision `json:"revision"`
		Audience   string       `json:"audience"`
		Notice     geo.Text     `json:"notice"`
	}{l.Name, m.Revision, m.Audience.String(), m.Notice})
	if err != nil {
		return fmt.Errorf("write %s: %w", l.Name, err)
	}
	out := bufio.NewWriterSize(w, 64<<10)
	// A bufio.Writer keeps its first error for Flush.
	_, _ = fmt.Fprintf(out, `{"type":"FeatureCollection","name":%q,"pasaj":%s,"features":[`, l.Name, head)
	for i, v := range versions {
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_ = out.WriteByte('\n')
		_, _ = out.Write(v.FeatureJSON())
	}
	_, _ = out.WriteString("\n]}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", l.Name, err)
	}
	return nil
}
