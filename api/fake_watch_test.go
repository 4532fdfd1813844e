package api

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
)

func (r *record) CreateWatch(_ context.Context, w geo.Watch) (geo.Watch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return geo.Watch{}, errDown
	}
	w.ID, w.CreatedAt, w.Audience = uuid.New(), r.now, r.accounts[w.Owner].Audience
	if w.ExpiresAt.IsZero() {
		w.ExpiresAt = r.now.Add(7 * 24 * time.Hour)
	}
	r.watched = append(r.watched, w)
	return w, nil
}

func (r *record) Watches(_ context.Context, owner string) ([]geo.Watch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, errDown
	}
	return slices.DeleteFunc(slices.Clone(r.watched), func(w geo.Watch) bool { return w.Owner != owner }), nil
}

func (r *record) Watch(ctx context.Context, owner string, id uuid.UUID) (geo.Watch, error) {
	own, err := r.Watches(ctx, owner)
	if err != nil {
		return geo.Watch{}, err
	}
	if i := slices.IndexFunc(own, func(w geo.Watch) bool { return w.ID == id }); i >= 0 {
		return own[i], nil
	}
	return geo.Watch{}, geo.Errorf(geo.CodeNotFound, "", "there is no such watch")
}

func (r *record) DeleteWatch(ctx context.Context, owner string, id uuid.UUID) error {
	if _, err := r.Watch(ctx, owner, id); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watched = slices.DeleteFunc(r.watched, func(w geo.Watch) bool { return w.ID == id })
	return nil
}

func (r *record) AllWatches(context.Context) ([]geo.Watch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, errDown
	}
	return slices.DeleteFunc(slices.Clone(r.watched), func(w geo.Watch) bool { return r.accounts[w.Owner].Disabled }), nil
}

func (r *record) SaveVerdict(_ context.Context, id uuid.UUID, v geo.WatchVerdict) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.watched {
		if r.watched[i].ID == id {
			r.watched[i].Verdict = &v
			return nil
		}
	}
	return geo.Errorf(geo.CodeNotFound, "", "there is no such watch")
}
