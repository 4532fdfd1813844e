package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"pasaj/api"
	"pasaj/data/haiti"
	"pasaj/data/postgis"
	"pasaj/frontend"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// Bounds on older worlds rebuilt for asof.
const (
	archiveWorlds  = 16
	archiveTimeout = 60 * time.Second
	readyTimeout   = 2 * time.Minute
)

type serveCommand struct {
	Listen      string   `help:"Address to listen on." env:"PASAJ_LISTEN" default:"127.0.0.1:8080"`
	PublicURL   string   `help:"Address under which others reach the service, for links; that of the request when left out." env:"PASAJ_PUBLIC_URL" name:"public-url"`
	TrustProxy  bool     `help:"Believe X-Forwarded-For and X-Forwarded-Proto of a proxy on a private address." env:"PASAJ_TRUST_PROXY" name:"trust-proxy"`
	CORSOrigins []string `help:"Origins whose pages may read the API." env:"PASAJ_CORS_ORIGINS" name:"cors-origin"`
	Snapshot    bool     `help:"Load the bundled reference snapshot into an empty record." env:"PASAJ_SNAPSHOT" default:"true" negatable:""`
	policyFlag
	releaseFlags
}

func (s serveCommand) Run(ctx context.Context, cli *commandLine) (err error) {
	log := cli.logger()
	public, err := s.publicURL()
	if err != nil {
		return err
	}
	policy, err := s.policy()
	if err != nil {
		return err
	}
	rules, err := s.rules()
	if err != nil {
		return err
	}
	baselines, err := haiti.Baselines()
	if err != nil {
		return err
	}
	// The address is taken first: a second start fails before it does anything.
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.Listen, err)
	}
	defer listener.Close()

	var serving atomic.Pointer[api.Server]
	accountsChanged := func() {
		if server := serving.Load(); server != nil {
			server.Authenticator().Cache.Doubt()
		}
	}
	watchesChanged := func() {
		if server := serving.Load(); server != nil {
			server.WatchesChanged()
		}
	}
	r, err := cli.openRecordWith(ctx, log, postgis.Options{
		Model: &geo.DefaultModel, Log: log, AccountsChanged: accountsChanged, WatchesChanged: watchesChanged,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if s.Snapshot {
		if err := loadSnapshot(ctx, r.Record, log); err != nil {
			return fmt.Errorf("load the bundled snapshot: %w", err)
		}
	}

	live := world.NewLive(&geo.DefaultModel)
	engine := engineOf(r.Record, policy, log)
	covering := coverage.NewEngine(coverage.Options{Ways: passage.Ways{Engine: engine}, Baselines: baselines})
	options := api.Options{
		Live: live, Journal: r, Past: r, Accounts: r, Tokens: r, Engine: engine, Watches: r,
		Coverage: covering, Evidence: r, Releases: r,
		Archive:   world.NewArchive(r.Load, archiveWorlds, archiveTimeout),
		Notice:    haiti.Notice,
		Version:   version,
		PublicURL: public, TrustProxy: s.TrustProxy, CORSOrigins: s.CORSOrigins,
		Log: log,
	}
	if frontend.Built() {
		options.Client = frontend.Files()
	}
	server, err := api.New(options)
	if err != nil {
		return err
	}
	serving.Store(server)

	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	var follower sync.WaitGroup
	follower.Go(func() {
		if err := r.Follow(following, live); err != nil && following.Err() == nil {
			log.Error("no longer following the record", "error", err)
		}
	})
	defer follower.Wait()
	defer stopFollowing()
	if err := awaitWorlds(ctx, r.Record, live); err != nil {
		return err
	}
	follower.Go(func() { keepReady(following, engine, live) })
	follower.Go(func() { keepReleasing(following, releaser{record: r.Record, engine: covering, rules: rules, log: log}) })
	follower.Go(func() { _ = server.FollowWatches(following) }) // it ends with its context
	server.WatchesChanged()                                     // those of before this start
	if err := s.greet(ctx, r, listener.Addr(), public); err != nil {
		return err
	}
	return server.Serve(ctx, listener)
}

func (s serveCommand) publicURL() (*url.URL, error) {
	if s.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(s.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--public-url %q is not an http or https address", s.PublicURL)
	}
	return u, nil
}

// awaitWorlds returns when every audience's world holds what the record held
// at the time of the call.
func awaitWorlds(ctx context.Context, r *postgis.Record, live *world.Live) error {
	newest, _, err := r.Resolve(ctx, geo.AsOf{})
	if geo.CodeOf(err) == geo.CodeNotFound {
		return nil // an empty record: the first revision makes the worlds
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := live.Wait(ctx, newest); err != nil {
		return fmt.Errorf("worlds not loaded within %s: %w", readyTimeout, err)
	}
	return nil
}

// loadSnapshot writes the bundled snapshot once. A start that was cut short
// goes on where it stopped: each part is a revision that repeats without
// effect, and the road network, written last, tells that all is there.
func loadSnapshot(ctx context.Context, r *postgis.Record, log *slog.Logger) error {
	done, err := r.HasNetwork(ctx)
	if err != nil || done {
		return err
	}
	log.Info("loading the bundled reference snapshot")
	batches, err := haiti.Batches()
	if err != nil {
		return err
	}
	for _, b := range batches {
		if _, err := r.Write(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", b.Reason, err)
		}
	}
	network, edges, err := haiti.Network()
	if err != nil {
		return err
	}
	_, err = r.WriteNetwork(ctx, haiti.Author, network, edges, nil)
	return err
}

// greet says where the service is and, until an administrator has a password,
// how to sign in for the first time.
func (s serveCommand) greet(ctx context.Context, r *record, address net.Addr, public *url.URL) error {
	base := "http://" + address.String()
	if public != nil {
		base = public.String()
	}
	fmt.Fprintf(os.Stdout, "Pasaj is at %s\n", base)
	if !frontend.Built() {
		fmt.Fprintln(os.Stdout, "The map page is not part of this build: with Node 20.19 or newer, run `make client` and build again.")
	}
	name, err := firstAdministrator(ctx, r)
	if err != nil || name == "" {
		return err
	}
	link, err := signInLink(ctx, r, base, name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "Sign in for the first time, as %q, within %d hours: %s\n", name, int(linkLife.Hours()), link)
	return err
}

// firstAdministrator gives the account that still has to sign in for the first
// time, made when there is none, or "" when an administrator has a password.
func firstAdministrator(ctx context.Context, r *record) (string, error) {
	accounts, err := r.Accounts(ctx)
	if err != nil {
		return "", err
	}
	waiting := ""
	for _, a := range accounts {
		if a.Role != geo.Administrator || a.Disabled {
			continue
		}
		_, hash, err := r.Account(ctx, a.Name)
		if err != nil {
			return "", err
		}
		if hash != "" {
			return "", nil
		}
		waiting = a.Name
	}
	if waiting != "" {
		return waiting, nil
	}
	const name = "administrator"
	return name, r.CreateAccount(ctx, geo.Account{Name: name, Role: geo.Administrator, Audience: geo.Security})
}
