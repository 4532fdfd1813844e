package passage

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// AppendJSON appends the answer's JSON, the same bytes as a json.Encoder that
// does not escape for HTML. An encoder reads what a MarshalJSON gives once more,
// byte by byte; the line, which is most of a long answer, is spared that here,
// and that is a third of the work of a whole request.
func (a *Answer) AppendJSON(dst []byte) ([]byte, error) {
	short := *a
	short.Geometry = Geometry{}
	var rest bytes.Buffer
	encoder := json.NewEncoder(&rest)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(short); err != nil {
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	// Quotes in a text are escaped, so this is the member and no part of a text.
	before, after, ok := bytes.Cut(bytes.TrimSuffix(rest.Bytes(), []byte("\n")), []byte(`"geometry":{"type":"LineString","coordinates":[]}`))
	if !ok {
		return nil, fmt.Errorf("encode an answer: no place for its line")
	}
	dst = append(append(dst, before...), `"geometry":`...)
	dst = geo.AppendGeometry(dst, orb.LineString(a.Geometry))
	return append(dst, after...), nil
}
