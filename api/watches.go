package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/passage"
)

// Watches keeps the journeys that people want to be told about;
// *postgis.Record is one. Every method but the last two sees the watches of one
// account only.
type Watches interface {
	// CreateWatch gives a watch its ID and times; code conflict when the account
	// has too many.
	CreateWatch(ctx context.Context, w geo.Watch) (geo.Watch, error)
	Watches(ctx context.Context, owner string) ([]geo.Watch, error)
	Watch(ctx context.Context, owner string, id uuid.UUID) (geo.Watch, error)
	DeleteWatch(ctx context.Context, owner string, id uuid.UUID) error
	// AllWatches lists those of every account that is not disabled.
	AllWatches(ctx context.Context) ([]geo.Watch, error)
	SaveVerdict(ctx context.Context, id uuid.UUID, v geo.WatchVerdict) error
}

const (
	maxWatchName  = 100 // bytes
	maxWatchBytes = 48 << 10
)

// watchInput is the body that makes a watch.
type watchInput struct {
	Name      string          `json:"name"`
	Passage   json.RawMessage `json:"passage"`
	ExpiresAt *string         `json:"expires_at"`
}

// watched is what a watch's row holds of the owner's input.
type watched struct {
	Name    string          `json:"name"`
	Passage json.RawMessage `json:"passage"`
}

// watchView is a watch as its owner reads it.
type watchView struct {
	ID        uuid.UUID       `json:"id"`
	Name      string          `json:"name"`
	Passage   json.RawMessage `json:"passage"` // as it was asked
	CreatedAt time.Time       `json:"created_at"`
	ExpiresAt time.Time       `json:"expires_at"`
	Verdict   *verdictView    `json:"verdict"` // null until it could be answered
}

type verdictView struct {
	Advice   string       `json:"advice"`
	Revision geo.Revision `json:"revision"`
	At       time.Time    `json:"at"`
	Reasons  []uuid.UUID  `json:"reasons"` // features that decided it
}

func viewOfWatch(w geo.Watch) (watchView, error) {
	var kept watched
	if err := json.Unmarshal(w.Request, &kept); err != nil {
		return watchView{}, errors.New("a watch cannot be read")
	}
	out := watchView{ID: w.ID, Name: kept.Name, Passage: kept.Passage, CreatedAt: w.CreatedAt.UTC(), ExpiresAt: w.ExpiresAt.UTC()}
	if v := w.Verdict; v != nil {
		out.Verdict = &verdictView{v.Advice, v.Revision, v.At.UTC(), v.Reasons}
		if v.Reasons == nil {
			out.Verdict.Reasons = []uuid.UUID{}
		}
	}
	return out, nil
}

func (s *Server) watches(c *call) error {
	list, err := s.options.Watches.Watches(c.context(), c.who.Name)
	if err != nil {
		return err
	}
	out := make([]watchView, len(list))
	for i, w := range list {
		if out[i], err = viewOfWatch(w); err != nil {
			return err
		}
	}
	return c.private(http.StatusOK, map[string]any{"watches": out})
}

func (s *Server) watch(c *call) error {
	w, err := s.options.Watches.Watch(c.context(), c.who.Name, c.args.id)
	if err != nil {
		return err
	}
	return c.sendWatch(http.StatusOK, w)
}

func (c *call) sendWatch(status int, w geo.Watch) error {
	view, err := viewOfWatch(w)
	if err != nil {
		return err
	}
	return c.private(status, view)
}

// createWatch stores a watch with its first verdict. What cannot be answered
// now is refused, so that nobody waits for news that cannot come.
func (s *Server) createWatch(c *call) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	in, r, expires, err := decodeWatch(raw)
	if err != nil {
		return err
	}
	answer, err := answered(c, false, r, geo.AsOf{}, s.options.Engine.Find)
	if err != nil {
		return below("/passage", err)
	}
	kept, err := json.Marshal(watched{in.Name, in.Passage})
	if err != nil {
		return errors.New("a watch cannot be written")
	}
	w, err := s.options.Watches.CreateWatch(c.context(), geo.Watch{Owner: c.who.Name, Request: kept, ExpiresAt: expires})
	if err != nil {
		return err
	}
	verdict := verdictOf(answer, s.options.Now())
	if err := s.options.Watches.SaveVerdict(c.context(), w.ID, verdict); err == nil {
		w.Verdict = &verdict
		s.watcher.know(w.ID, verdict)
	} // else the next round gives it one
	s.watcher.look()
	c.header().Set("Location", s.base(c.echo.Request())+"/v1/watches/"+w.ID.String())
	return c.sendWatch(http.StatusCreated, w)
}

func (s *Server) deleteWatch(c *call) error {
	if err := s.options.Watches.DeleteWatch(c.context(), c.who.Name, c.args.id); err != nil {
		return err
	}
	s.watcher.look()
	c.header()["Cache-Control"] = noStore
	c.echo.Response().WriteHeader(http.StatusNoContent)
	return nil
}

// decodeWatch reads the body that makes a watch: strictly, the question too.
func decodeWatch(raw []byte) (in watchInput, r passage.Request, expires time.Time, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&in) != nil || d.More() {
		return in, r, expires, geo.Errorf(geo.CodeInvalid, "", "a watch is an object of name, passage and expires_at")
	}
	var errs geo.Errors
	if in.Name == "" || len(in.Name) > maxWatchName || !utf8.ValidString(in.Name) {
		errs = append(errs, geo.Errorf(geo.CodeInvalid, "/name", "a name of 1 to %d bytes is needed", maxWatchName))
	}
	if in.ExpiresAt != nil {
		if expires, err = geo.ParseInstant(*in.ExpiresAt); err != nil {
			errs = append(errs, geo.Errorf(geo.CodeInvalid, "/expires_at", "an RFC 3339 date-time is asked for"))
		}
	}
	switch {
	case len(in.Passage) == 0 || string(in.Passage) == "null":
		errs = append(errs, geo.Errorf(geo.CodeInvalid, "/passage", "a passage request is needed"))
	case len(in.Passage) > maxWatchBytes:
		errs = append(errs, geo.Errorf(geo.CodeTooLarge, "/passage", "a watched request has at most %d bytes", maxWatchBytes))
	default:
		if r, err = passage.DecodeRequest(in.Passage); err != nil {
			return in, r, expires, below("/passage", errors.Join(err, errs.OrNil()))
		}
		if !r.AsOf.IsZero() {
			errs = append(errs, geo.Errorf(geo.CodeInvalid, "/passage/asof", "what was known then does not change any more"))
		}
	}
	return in, r, expires, errs.OrNil()
}

// below moves the pointers of an error's faults to where the input lies.
func below(pointer string, err error) error {
	var list geo.Errors
	var one *geo.Error
	switch {
	case errors.As(err, &list):
		moved := make(geo.Errors, len(list))
		for i, e := range list {
			copied := *e
			copied.Pointer = pointer + e.Pointer
			moved[i] = &copied
		}
		return moved
	case errors.As(err, &one):
		copied := *one
		copied.Pointer = pointer + one.Pointer
		return &copied
	}
	return err
}

// verdictOf is the verdict of an answer: the advice, and the features that
// cause it.
func verdictOf(a *passage.Answer, at time.Time) geo.WatchVerdict {
	v := geo.WatchVerdict{Advice: a.Advice, Revision: a.Revision, At: at.UTC().Truncate(time.Microsecond)}
	for _, r := range decisive(a) {
		if r.ID != nil && len(v.Reasons) < maxVerdictReasons {
			v.Reasons = append(v.Reasons, *r.ID)
		}
	}
	return v
}

const maxVerdictReasons = 100

// decisive are the reasons that alone would cause the advice.
func decisive(a *passage.Answer) []passage.Reason {
	var out []passage.Reason
	for _, r := range a.Reasons {
		if r.Effect == a.Advice {
			out = append(out, r)
		}
	}
	return out
}

func (s *Server) watchOperations() []*operation {
	if s.options.Watches == nil {
		return nil
	}
	own := func(method, path, id, summary string, handle func(*call) error, parameters []*parameter, answers ...answer) *operation {
		return &operation{
			method: method, path: path, id: id, tag: tagAnswers, access: holder, discreet: true,
			summary: summary, media: []string{mediaJSON}, handle: handle,
			description: "For people who signed in, never for tokens. A watch is stored until it expires or is deleted, shows to its owner only, and nothing of it stays.",
			parameters:  append(parameters, formatParameter, tokenParameter),
			answers:     append(answers, badRequest, unauthenticated, forbidden, notAcceptable, unavailableAnswer),
		}
	}
	list := openapi3.NewArraySchema()
	list.Items = reference("watch")
	create := own(http.MethodPost, "/v1/watches", "createWatch", "Be told when the verdict on a journey changes", s.createWatch, []*parameter{csrfHeader},
		answer{status: http.StatusCreated, text: "The watch with its first verdict.", schema: reference("watch"), headers: []string{"Location"}},
		notFound, refused(http.StatusConflict, "The account has as many watches as it may."), tooLarge, unsupportedMedia, unprocessable)
	create.description += " passage is a request as for /v1/passage, without asof and include; one without depart_at and datetime is asked for each present moment. Without expires_at it ends after seven days; it may last 90. News come as event watch on the owner's streams of /v1/changes."
	create.body = &body{media: []string{mediaJSON}, limit: maxWatchBytes + maxFormBytes, schema: reference("watch-request"), needed: true}
	create.live = true
	return []*operation{
		own(http.MethodGet, "/v1/watches", "getWatches", "One's own watches", s.watches, nil,
			good("The watches, the oldest first.", openapi3.NewSchemaRef("", openapi3.NewObjectSchema().WithProperty("watches", list).WithRequired([]string{"watches"})))),
		create,
		own(http.MethodGet, "/v1/watches/{id}", "getWatch", "A watch of one's own", s.watch, []*parameter{watchIDParameter},
			good("The watch.", reference("watch")), notFound),
		own(http.MethodDelete, "/v1/watches/{id}", "deleteWatch", "Delete a watch; nothing of it stays", s.deleteWatch, []*parameter{watchIDParameter, csrfHeader},
			noContentAnswer, notFound),
	}
}

var watchIDParameter = &parameter{
	name: "id", in: "path", required: true, description: "Identifier of the watch.", schema: openapi3.NewUUIDSchema(),
	read: func(a *arguments, s string) (err error) {
		if a.id, err = uuid.Parse(s); err != nil || len(s) != 36 {
			return geo.Errorf(geo.CodeNotFound, "", "there is no such watch")
		}
		return nil
	},
}
