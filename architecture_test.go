package pasaj

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// owners names the one folder that may import a library outside tests.
var owners = map[string][]string{
	"github.com/labstack/echo":                  {"api"},
	"github.com/getkin/kin-openapi":             {"api"},
	"github.com/prometheus/client_golang":       {"api"},
	"github.com/klauspost/compress":             {"api"},
	"github.com/alexedwards/argon2id":           {"api/auth"},
	"github.com/jackc/pgx":                      {"data/postgis", "data/cluster"},
	"github.com/pressly/goose":                  {"data/postgis"},
	"github.com/twpayne/go-geom":                {"data/postgis"},
	"github.com/twpayne/pgx-geom":               {"data/postgis"},
	"github.com/tidwall/geodesic":               {"geo/measure"},
	"github.com/peterstace/simplefeatures/geom": {"geo/overlay"},
	"github.com/tidwall/rtree":                  {"geo/index"},
	"github.com/tidwall/btree":                  {"geo/world"},
	"github.com/paulmach/orb/encoding/mvt":      {"geo/tile"},
	"github.com/alecthomas/kong":                {"cmd/pasaj"},
	"github.com/schollz/progressbar":            {"cmd/pasaj"},
	"google.golang.org/protobuf":                {"data/osm", "data/osm/osmtest"},
	"golang.org/x/image":                        {"data/geotiff"},
}

// impure is what the core must do without: input, output and the network.
var impure = []string{"database/sql", "io/fs", "net", "net/http", "os", "os/exec", "log", "log/slog", "embed", "syscall"}

var topFolders = []string{"cmd", "geo", "api", "data", "frontend", "migrations"}

type source struct {
	folder string
	file   *ast.File
	test   bool
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (name == "frontend/node_modules" || name == "bin" || name != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		if strings.Contains(header(file), "go:build ignore") {
			return nil
		}
		out = append(out, source{folder: path.Dir(filepath.ToSlash(name)), file: file, test: strings.HasSuffix(name, "_test.go")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func header(file *ast.File) string {
	var b strings.Builder
	for _, group := range file.Comments {
		if group.Pos() < file.Package {
			for _, c := range group.List {
				b.WriteString(c.Text + "\n")
			}
		}
	}
	return b.String()
}

func within(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}

func TestArrows(t *testing.T) {
	for _, s := range sources(t) {
		for _, spec := range s.file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			own, isOwn := strings.CutPrefix(imported, "pasaj/")
			if s.test {
				continue // a test may bring a database or an HTTP client to judge with
			}
			switch {
			case within(s.folder, "geo") && isOwn && !within(own, "geo"):
				t.Errorf("%s imports %s: the core imports nothing around it", s.folder, own)
			case within(s.folder, "geo") && slices.Contains(impure, imported):
				t.Errorf("%s imports %s: the core does no input or output", s.folder, imported)
			case within(s.folder, "api") && isOwn && (within(own, "data") || within(own, "migrations") || within(own, "cmd")):
				t.Errorf("%s imports %s: api declares the interfaces it needs", s.folder, own)
			case within(s.folder, "data") && isOwn && (within(own, "api") || within(own, "frontend") || within(own, "cmd")):
				t.Errorf("%s imports %s", s.folder, own)
			}
			for library, folders := range owners {
				if within(imported, library) && !slices.ContainsFunc(folders, func(f string) bool { return within(s.folder, f) }) {
					t.Errorf("%s imports %s, which only %v may", s.folder, imported, folders)
				}
			}
		}
	}
}

func TestCoreReadsNoClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !within(s.folder, "geo") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "Tick", "NewTicker", "NewTimer", "After"}, call.Sel.Name) {
					t.Errorf("%s calls time.%s: the core gets the time as an argument", s.folder, call.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		said[s.folder] = said[s.folder] || s.file.Doc != nil
		if top, _, _ := strings.Cut(s.folder, "/"); s.folder != "." && s.folder != ".ci" && !slices.Contains(topFolders, top) {
			t.Errorf("folder %s has no place in the house", s.folder)
		}
		for _, name := range []string{"util", "utils", "common", "internal", "pkg", "helpers", "types"} {
			if path.Base(s.folder) == name {
				t.Errorf("package %s says nothing of what it holds", s.folder)
			}
		}
	}
	for folder, ok := range said {
		if !ok {
			t.Errorf("package %s has no comment", folder)
		}
	}
}
