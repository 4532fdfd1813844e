package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"

	"pasaj/geo"
)

// Limits on one file.
const (
	MaxFileBytes = 512 << 20
	MaxFeatures  = 200_000
)

// Row is one feature of a file: a draft, or the reasons why there is none.
type Row struct {
	Number int    // position among the features, from 1
	ID     string // the id the file gives, "" for none
	Draft  *geo.Draft
	Faults geo.Errors
}

// ReadGeoJSON reads a FeatureCollection of one layer, feature by feature. The
// audience decides which properties may be named. A row that cannot be read
// carries its faults and the reading goes on; an error that is not of one row
// (the file breaks off, is too large or is no FeatureCollection) is a
// *geo.Error, comes with the row at which it happened and ends the sequence.
func ReadGeoJSON(r io.Reader, l *geo.Layer, a geo.Audience) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for f, err := range features(r) {
			row := Row{Number: f.number}
			if err != nil {
				yield(row, err)
				return
			}
			row.ID = f.id()
			draft, err := geo.DecodeFeature(l, a, f.raw)
			if err != nil {
				row.Faults = reasons(err)
			} else {
				row.Draft = draft
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// feature is one member of "features" as it stands in the file.
type feature struct {
	number int
	raw    json.RawMessage
}

func (f feature) id() string {
	var head struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(f.raw, &head) != nil || string(head.ID) == "null" {
		return ""
	}
	id := strings.ToValidUTF8(strings.Trim(string(head.ID), `"`), "")
	return id[:min(len(id), 60)]
}

// features streams the members of a FeatureCollection within the limits.
func features(r io.Reader) iter.Seq2[feature, error] {
	return func(yield func(feature, error) bool) {
		s := scanner{in: &boundedReader{from: r}}
		s.dec = json.NewDecoder(s.in)
		if err := s.collection(yield); err != nil && !errors.Is(err, errStopped) {
			yield(feature{number: s.count}, s.explain(err))
		}
	}
}

var (
	errStopped  = errors.New("the consumer has had enough")
	errTooLarge = errors.New("past the bound")
)

// boundedReader serves no byte past the bound, so that one member of a file
// cannot fill the memory.
type boundedReader struct {
	from   io.Reader
	served int64
	bound  int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	left := b.bound - b.served
	if left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.from.Read(p[:min(int64(len(p)), left)])
	b.served += int64(n)
	return n, err
}

type scanner struct {
	in    *boundedReader
	dec   *json.Decoder
	count int
}

// allow lets the decoder take one more member of the file.
func (s *scanner) allow() {
	s.in.bound = min(s.dec.InputOffset()+geo.MaxFeatureBytes+1024, MaxFileBytes)
}

func (s *scanner) collection(yield func(feature, error) bool) error {
	s.allow()
	if err := s.delimiter('{'); err != nil {
		return err
	}
	var kind string
	found := false
	for s.dec.More() {
		s.allow()
		name, err := s.dec.Token()
		if err != nil {
			return err
		}
		switch name {
		case "features":
			if found {
				return geo.Errorf(geo.CodeInvalid, "/features", "the file has two lists of features")
			}
			found = true
			if err := s.list(yield); err != nil {
				return err
			}
		case "type":
			if err := s.dec.Decode(&kind); err != nil {
				return err
			}
		case "crs":
			if err := s.crs(); err != nil {
				return err
			}
		default:
			var skipped json.RawMessage
			if err := s.dec.Decode(&skipped); err != nil {
				return err
			}
		}
		s.allow()
	}
	if err := s.delimiter('}'); err != nil {
		return err
	}
	switch {
	case kind != "FeatureCollection":
		return geo.Errorf(geo.CodeInvalid, "/type", `the file is not a GeoJSON FeatureCollection: its type is %q`, kind[:min(len(kind), 40)])
	case !found:
		return geo.Errorf(geo.CodeInvalid, "/features", "the file has no list of features")
	}
	s.allow()
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		return geo.Errorf(geo.CodeInvalid, "", "there is something after the FeatureCollection")
	}
	return nil
}

func (s *scanner) list(yield func(feature, error) bool) error {
	if err := s.delimiter('['); err != nil {
		return err
	}
	for s.allow(); s.dec.More(); s.allow() {
		s.count++
		if s.count > MaxFeatures {
			return geo.Errorf(geo.CodeTooLarge, "/features", "more than %d features: split the file", MaxFeatures)
		}
		var raw json.RawMessage
		if err := s.dec.Decode(&raw); err != nil {
			return err
		}
		if !yield(feature{number: s.count, raw: raw}, nil) {
			return errStopped
		}
	}
	return s.delimiter(']')
}

func (s *scanner) delimiter(want json.Delim) error {
	token, err := s.dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return geo.Errorf(geo.CodeInvalid, "", "the file is not a GeoJSON FeatureCollection: %q is missing at byte %d", want.String(), s.dec.InputOffset())
	}
	return nil
}

// crs takes the old member only where it says what RFC 7946 says anyway:
// longitude and latitude on WGS 84.
func (s *scanner) crs() error {
	var raw json.RawMessage
	if err := s.dec.Decode(&raw); err != nil {
		return err
	}
	if string(raw) == "null" || bytes.Contains(raw, []byte("CRS84")) || bytes.Contains(raw, []byte("4326")) {
		return nil
	}
	return geo.Errorf(geo.CodeInvalid, "/crs", "coordinates must be lon/lat degrees on WGS 84 (RFC 7946): reproject the file first")
}

// explain says in words of the file why it could not be read on.
func (s *scanner) explain(err error) error {
	var known *geo.Error
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errTooLarge) && s.in.served >= MaxFileBytes:
		return geo.Errorf(geo.CodeTooLarge, "", "the file is larger than %d bytes", MaxFileBytes)
	case errors.Is(err, errTooLarge):
		return geo.Errorf(geo.CodeTooLarge, "", "after feature %d: a member is larger than %d bytes", max(0, s.count-1), geo.MaxFeatureBytes)
	case errors.As(err, &syntax):
		return geo.Errorf(geo.CodeInvalid, "", "not JSON at byte %d, in feature %d", syntax.Offset, s.count)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return geo.Errorf(geo.CodeInvalid, "", "the file ends too early, in feature %d", s.count)
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return geo.Errorf(geo.CodeInvalid, "", "a member is a %s at byte %d", kind.Value, kind.Offset)
	}
	return geo.Errorf(geo.CodeUnprocessable, "", "the file cannot be read on after feature %d", s.count).WithCause(err)
}
