package postgis_test

import (
	"crypto/sha256"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	r := postgistest.Open(t, postgis.Options{})
	ctx := t.Context()
	account := geo.Account{Name: "ocha-desk", Role: geo.Editor, Audience: geo.Humanitarian}
	if err := r.CreateAccount(ctx, account); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.CreateAccount(ctx, account), geo.CodeConflict, "/name")
	wantCode(t, r.CreateAccount(ctx, geo.Account{Name: "x", Role: "owner"}), geo.CodeInvalid, "")
	got, hash, err := r.Account(ctx, "ocha-desk")
	if err != nil || hash != "" || got.CreatedAt.IsZero() || got.Role != geo.Editor || got.Audience != geo.Humanitarian {
		t.Fatalf("%+v, %q, %v", got, hash, err)
	}
	if _, _, err := r.Account(ctx, "nobody"); geo.CodeOf(err) != geo.CodeNotFound {
		t.Errorf("unknown account: %v", err)
	}
	session, hour := sha256.Sum256([]byte("session")), time.Now().Add(time.Hour)
	start := func() {
		t.Helper()
		if err := r.CreateSession(ctx, session, "ocha-desk", hour); err != nil {
			t.Fatal(err)
		}
		p, expires, err := r.Session(ctx, session)
		if err != nil || p.Name != "ocha-desk" || p.Audience != geo.Humanitarian || expires.Sub(hour).Abs() > time.Millisecond {
			t.Fatalf("%+v until %v, %v", p, expires, err)
		}
	}
	over := func(why string) {
		t.Helper()
		if _, _, err := r.Session(ctx, session); geo.CodeOf(err) != geo.CodeUnauthenticated {
			t.Errorf("%s did not end the session: %v", why, err)
		}
	}
	over("nothing")
	start()
	if err := r.DeleteSession(ctx, session); err != nil {
		t.Fatal(err)
	}
	over("signing out")
	start()
	if err := r.SetPassword(ctx, "ocha-desk", "$argon2id$x"); err != nil {
		t.Fatal(err)
	}
	over("a new password")
	if _, hash, _ := r.Account(ctx, "ocha-desk"); hash != "$argon2id$x" {
		t.Errorf("hash %q", hash)
	}
	start()
	if err := r.SetDisabled(ctx, "ocha-desk", true); err != nil {
		t.Fatal(err)
	}
	over("disabling")
	wantCode(t, r.CreateSession(ctx, session, "ocha-desk", hour), geo.CodeNotFound, "")
	if err := r.SetDisabled(ctx, "ocha-desk", false); err != nil {
		t.Fatal(err)
	}
	if err := r.CreateSession(ctx, session, "ocha-desk", time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	over("time")
	wantCode(t, r.SetPassword(ctx, "nobody", "x"), geo.CodeNotFound, "")
	wantCode(t, r.SetDisabled(ctx, "nobody", true), geo.CodeNotFound, "")
	if all, err := r.Accounts(ctx); err != nil || len(all) != 1 || all[0] != got {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestLinksWorkOnce(t *testing.T) {
	t.Parallel()
	r := postgistest.Open(t, postgis.Options{})
	ctx := t.Context()
	if err := r.CreateAccount(ctx, geo.Account{Name: "admin", Role: geo.Administrator, Audience: geo.Security}); err != nil {
		t.Fatal(err)
	}
	link := sha256.Sum256([]byte("link"))
	wantCode(t, r.CreateLink(ctx, "nobody", link, time.Now().Add(time.Hour)), geo.CodeNotFound, "")
	if err := r.CreateLink(ctx, "admin", link, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var redeemed atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			a, err := r.RedeemLink(ctx, link)
			switch {
			case err == nil && a.Name == "admin":
				redeemed.Add(1)
			case geo.CodeOf(err) != geo.CodeUnauthenticated:
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	wg.Wait()
	if redeemed.Load() != 1 {
		t.Errorf("the link worked %d times", redeemed.Load())
	}
	late := sha256.Sum256([]byte("late"))
	if err := r.CreateLink(ctx, "admin", late, time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := r.RedeemLink(ctx, late)
	wantCode(t, err, geo.CodeUnauthenticated, "")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	r := postgistest.Open(t, postgis.Options{})
	ctx := t.Context()
	digest := sha256.Sum256([]byte("token"))
	token := geo.Token{ID: uuid.New(), Name: "qgis", Role: geo.Editor, Audience: geo.Humanitarian, Layers: []string{"roadblocks"},
		ExpiresAt: time.Now().Add(time.Hour), CreatedBy: "admin"}
	if err := r.CreateToken(ctx, token, digest); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.CreateToken(ctx, token, digest), geo.CodeConflict, "")
	p, expires, err := r.TokenPrincipal(ctx, digest)
	if err != nil || p.TokenID != token.ID || p.Audience != geo.Humanitarian || !slices.Equal(p.Layers, token.Layers) || expires.IsZero() {
		t.Fatalf("%+v, %v", p, err)
	}
	if !p.MayWrite(layer(t, "roadblocks")) || p.MayRead(layer(t, "ports")) || p.MayAdminister() {
		t.Errorf("the token is not held to its scope: %+v", p)
	}
	all, err := r.Tokens(ctx)
	if err != nil || len(all) != 1 || all[0].Name != "qgis" || !all[0].RevokedAt.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	if err := r.RevokeToken(ctx, token.ID); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.RevokeToken(ctx, token.ID), geo.CodeNotFound, "")
	_, _, err = r.TokenPrincipal(ctx, digest)
	wantCode(t, err, geo.CodeUnauthenticated, "")
	if all, _ = r.Tokens(ctx); all[0].RevokedAt.IsZero() {
		t.Error("the revocation has no date")
	}
	old := token
	old.ID, old.ExpiresAt, old.Layers = uuid.New(), time.Now().Add(-time.Second), nil
	digest = sha256.Sum256([]byte("old"))
	if err := r.CreateToken(ctx, old, digest); err != nil {
		t.Fatal(err)
	}
	_, _, err = r.TokenPrincipal(ctx, digest)
	wantCode(t, err, geo.CodeUnauthenticated, "")
	old.ID, old.Layers = uuid.New(), []string{"people"}
	wantCode(t, r.CreateToken(ctx, old, sha256.Sum256([]byte("other"))), geo.CodeInvalid, "/layers")
}
