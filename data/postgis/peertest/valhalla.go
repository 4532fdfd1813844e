package peertest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

const (
	valhallaModule   = "@valhallajs/valhallajs"
	valhallaVersion  = "3.6.1"
	valhallaPatience = 3 * time.Minute // for npm
	outlineLimitM    = 10_000_000
)

//go:embed valhalla.mjs
var valhallaScript []byte

// Valhalla times Valhalla on an OpenStreetMap file: for each pair without zones
// and with them. It prepares the file in a folder of its own, which it removes;
// neither that nor the first question of a setting is timed.
func Valhalla(ctx context.Context, file string, pairs []Pair, zones []orb.Polygon) (runs []Run, err error) {
	if len(pairs) == 0 {
		return nil, errors.New("valhalla: no pairs")
	}
	home, err := valhallaHome(ctx)
	if err != nil {
		return nil, err
	}
	if file, err = filepath.Abs(file); err != nil {
		return nil, fmt.Errorf("valhalla: %w", err)
	}
	folder, err := os.MkdirTemp("", "pasaj-valhalla-")
	if err != nil {
		return nil, fmt.Errorf("valhalla: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	config := filepath.Join(folder, "config.json")
	if err := valhallaTiles(ctx, home, folder, config, file); err != nil {
		return nil, err
	}
	return valhallaRun(ctx, home, folder, config, pairs, zones)
}

// valhallaHome is where npm put Valhalla.
func valhallaHome(ctx context.Context) (string, error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%w: no %s", ErrUnavailable, program)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	home := filepath.Join(cache, "pasaj", "valhalla-"+valhallaVersion)
	done := filepath.Join(home, "installed")
	if _, err := os.Stat(done); err == nil {
		return home, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	ctx, cancel := context.WithTimeout(ctx, valhallaPatience)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "install", "--prefix", home, "--no-audit", "--no-fund", "--loglevel=error",
		valhallaModule+"@"+valhallaVersion)
	if said, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: npm does not bring %s %s: %w: %s", ErrUnavailable, valhallaModule, valhallaVersion, err, last(said))
	}
	if err := os.WriteFile(done, nil, 0o644); err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return home, nil
}

// last is the end of what a program said.
func last(said []byte) string {
	const enough = 400
	text := strings.TrimSpace(string(said))
	return text[max(0, len(text)-enough):]
}

// valhallaTiles writes a configuration with the bound on zones raised, and
// prepares the roads.
func valhallaTiles(ctx context.Context, home, folder, config, file string) error {
	command := filepath.Join(home, "node_modules", filepath.FromSlash(valhallaModule), "bin", "valhalla-cli.js")
	build := exec.CommandContext(ctx, "node", command, "build_config", "--mjolnir-tile-dir", filepath.Join(folder, "tiles"))
	var complaint bytes.Buffer
	build.Stderr = &complaint
	raw, err := build.Output()
	if err != nil {
		return fmt.Errorf("valhalla: build the configuration: %w: %s", err, last(complaint.Bytes()))
	}
	var settings map[string]any
	if err := json.Unmarshal(raw, &settings); err != nil {
		return fmt.Errorf("valhalla: read the configuration: %w", err)
	}
	limits, ok := settings["service_limits"].(map[string]any)
	if !ok {
		return errors.New("valhalla: the configuration has no service_limits")
	}
	limits["max_exclude_polygons_length"] = outlineLimitM
	if raw, err = json.Marshal(settings); err != nil {
		return fmt.Errorf("valhalla: %w", err)
	}
	if err := os.WriteFile(config, raw, 0o600); err != nil {
		return fmt.Errorf("valhalla: %w", err)
	}
	tiles := exec.CommandContext(ctx, "node", command, "build_tiles", "-c", config, file)
	tiles.Dir = folder // it leaves notes where it runs
	if said, err := tiles.CombinedOutput(); err != nil {
		return fmt.Errorf("valhalla: build the tiles: %w: %s", err, last(said))
	}
	return nil
}

func valhallaRun(ctx context.Context, home, folder, config string, pairs []Pair, zones []orb.Polygon) ([]Run, error) {
	// The script must lie where Node finds the module.
	script := filepath.Join(home, "valhalla.mjs")
	if err := os.WriteFile(script, valhallaScript, 0o600); err != nil {
		return nil, fmt.Errorf("valhalla: %w", err)
	}
	result := filepath.Join(folder, "result.json")
	rings := make([]orb.Ring, len(zones))
	for i, z := range zones {
		rings[i] = z[0]
	}
	questions := make([][2]orb.Point, len(pairs))
	for i, p := range pairs {
		questions[i] = [2]orb.Point{p.From, p.To}
	}
	job, err := json.Marshal(map[string]any{"config": config, "pairs": questions, "zones": rings, "result": result})
	if err != nil {
		return nil, fmt.Errorf("valhalla: %w", err)
	}
	node := exec.CommandContext(ctx, "node", script)
	node.Dir = folder
	node.Stdin = bytes.NewReader(job)
	if said, err := node.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("valhalla: %w: %s", err, last(said))
	}
	raw, err := os.ReadFile(result)
	if err != nil {
		return nil, fmt.Errorf("valhalla: %w", err)
	}
	return valhallaRuns(raw, len(pairs))
}

// valhallaRuns reads what the script wrote. A refusal of every question with
// zones is an error, not a quick answer.
func valhallaRuns(raw []byte, pairs int) ([]Run, error) {
	var answers [][]struct {
		MS      float64
		Seconds *float64
		Refusal *string
	}
	if err := json.Unmarshal(raw, &answers); err != nil {
		return nil, fmt.Errorf("valhalla: read the result: %w", err)
	}
	if len(answers) != 2 || len(answers[0]) != pairs || len(answers[1]) != pairs {
		return nil, errors.New("valhalla: the result is not of these pairs")
	}
	out := []Run{{Name: "Valhalla " + valhallaVersion + ", without zones"}, {Name: "Valhalla " + valhallaVersion + ", zones as exclude_polygons"}}
	for i := range out {
		refusal := ""
		for _, a := range answers[i] {
			cost := math.NaN()
			if a.Seconds != nil {
				cost = *a.Seconds
			} else if a.Refusal != nil {
				refusal = *a.Refusal
			}
			out[i].Took = append(out[i].Took, time.Duration(a.MS*float64(time.Millisecond)))
			out[i].CostS = append(out[i].CostS, cost)
		}
		if out[i].Found() == 0 {
			return nil, fmt.Errorf("%s: no question got a route: %s", out[i].Name, refusal)
		}
	}
	return out, nil
}
