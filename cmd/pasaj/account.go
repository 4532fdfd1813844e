package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"pasaj/api/auth"
	"pasaj/geo"
)

// linkLife is how long a one-time sign-in link can be used.
const linkLife = 24 * time.Hour

// signInLink makes a one-time link for an account.
func signInLink(ctx context.Context, r *record, base, name string) (string, error) {
	text := auth.NewSecret("")
	if err := r.CreateLink(ctx, name, auth.DigestOf(text), time.Now().Add(linkLife)); err != nil {
		return "", err
	}
	return strings.TrimRight(base, "/") + "/signin#" + text, nil
}

type userCommand struct {
	Add     userAdd     `cmd:"" help:"Add an account and print its one-time sign-in link."`
	Link    userLink    `cmd:"" help:"Print a new one-time sign-in link for an account."`
	List    userList    `cmd:"" help:"List accounts."`
	Disable userDisable `cmd:"" help:"Shut an account out at once."`
	Enable  userEnable  `cmd:"" help:"Let a disabled account in again."`
}

type linkBase struct {
	URL string `help:"Address of the service, for the link." env:"PASAJ_PUBLIC_URL" default:"http://127.0.0.1:8080" name:"url"`
}

type userAdd struct {
	linkBase
	Name     string `arg:"" help:"Name to sign in with; a function or handle, not a person's full name."`
	Role     string `help:"reader, editor or administrator." default:"reader"`
	Audience string `help:"What the account may see: public, hum, sec or ops." required:""`
}

func (u userAdd) Run(ctx context.Context, cli *commandLine) error {
	role, err := geo.ParseRole(u.Role)
	if err != nil {
		return err
	}
	audience, err := geo.ParseAudience(u.Audience)
	if err != nil {
		return err
	}
	return cli.withRecord(ctx, func(r *record) error {
		if err := r.CreateAccount(ctx, geo.Account{Name: u.Name, Role: role, Audience: audience}); err != nil {
			return err
		}
		return printLink(ctx, r, u.URL, u.Name)
	})
}

func printLink(ctx context.Context, r *record, base, name string) error {
	link, err := signInLink(ctx, r, base, name)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s\n(works once, within %d hours)\n", link, int(linkLife.Hours()))
	return err
}

type userLink struct {
	linkBase
	Name string `arg:""`
}

func (u userLink) Run(ctx context.Context, cli *commandLine) error {
	return cli.withRecord(ctx, func(r *record) error { return printLink(ctx, r, u.URL, u.Name) })
}

type userList struct{}

func (userList) Run(ctx context.Context, cli *commandLine) error {
	return cli.withRecord(ctx, func(r *record) error {
		accounts, err := r.Accounts(ctx)
		if err != nil {
			return err
		}
		out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(out, "NAME\tROLE\tAUDIENCE\tSINCE\t")
		for _, a := range accounts {
			state := ""
			if a.Disabled {
				state = "disabled"
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", a.Name, a.Role, a.Audience, a.CreatedAt.Format(time.DateOnly), state)
		}
		return out.Flush()
	})
}

type userDisable struct {
	Name string `arg:""`
}

func (u userDisable) Run(ctx context.Context, cli *commandLine) error {
	return cli.withRecord(ctx, func(r *record) error { return r.SetDisabled(ctx, u.Name, true) })
}

type userEnable struct {
	Name string `arg:""`
}

func (u userEnable) Run(ctx context.Context, cli *commandLine) error {
	return cli.withRecord(ctx, func(r *record) error { return r.SetDisabled(ctx, u.Name, false) })
}

type tokenCommand struct {
	Add    tokenAdd    `cmd:"" help:"Make a token and print it; it is shown only once."`
	List   tokenList   `cmd:"" help:"List tokens."`
	Revoke tokenRevoke `cmd:"" help:"Make a token worthless at once."`
}

type tokenAdd struct {
	Name     string   `arg:"" help:"What the token is for."`
	Role     string   `help:"reader or editor." default:"reader" enum:"reader,editor"`
	Audience string   `help:"What it may see: public, hum, sec or ops." required:""`
	Layers   []string `help:"Only these layers; all of the audience's when left out."`
	Days     int      `help:"Days until it expires (1 to 366)." default:"90"`
}

func (t tokenAdd) Run(ctx context.Context, cli *commandLine) error {
	audience, err := geo.ParseAudience(t.Audience)
	if err != nil {
		return err
	}
	if t.Days < 1 || t.Days > 366 {
		return fmt.Errorf("--days %d: 1 to 366", t.Days)
	}
	for _, name := range t.Layers {
		if _, ok := geo.LayerByName(name); !ok {
			return fmt.Errorf("--layers: there is no layer %q", name)
		}
	}
	text := auth.NewSecret(auth.TokenPrefix)
	token := geo.Token{
		ID: uuid.New(), Name: t.Name, Role: geo.Role(t.Role), Audience: audience, Layers: t.Layers,
		ExpiresAt: time.Now().AddDate(0, 0, t.Days), CreatedBy: "command line",
	}
	return cli.withRecord(ctx, func(r *record) error {
		if err := r.CreateToken(ctx, token, auth.DigestOf(text)); err != nil {
			return err
		}
		_, err := fmt.Println(text)
		return err
	})
}

type tokenList struct{}

func (tokenList) Run(ctx context.Context, cli *commandLine) error {
	return cli.withRecord(ctx, func(r *record) error {
		tokens, err := r.Tokens(ctx)
		if err != nil {
			return err
		}
		out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(out, "ID\tNAME\tROLE\tAUDIENCE\tLAYERS\tEXPIRES\t")
		for _, t := range tokens {
			layers, state := "all", ""
			if t.Layers != nil {
				layers = strings.Join(t.Layers, ",")
			}
			if !t.RevokedAt.IsZero() {
				state = "revoked"
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Role, t.Audience, layers, t.ExpiresAt.Format(time.DateOnly), state)
		}
		return out.Flush()
	})
}

type tokenRevoke struct {
	ID string `arg:""`
}

func (t tokenRevoke) Run(ctx context.Context, cli *commandLine) error {
	id, err := uuid.Parse(t.ID)
	if err != nil {
		return fmt.Errorf("%q is not a token's id (pasaj token list shows them)", t.ID)
	}
	return cli.withRecord(ctx, func(r *record) error { return r.RevokeToken(ctx, id) })
}
