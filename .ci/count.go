// Count turns the output of `go test -json`, read from standard input, into
// something to read: one line per package, the full output of what failed,
// the names of what was skipped, and a last line "N passed, N failed".
//
//	go test -json ./... | go run .ci/count.go [-client vitest.json] [-summary file]
//
// It counts tests that have no subtests of their own, and the client's tests
// from the report that vitest wrote. A package that fails outside its tests (it
// does not compile, or was ended) counts as one failed test. It ends with
// status 1 when anything failed or nothing ran.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of `go test -json` (see `go doc test2json` and
// `go help buildjson`).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build events
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string
}

// test is one test or subtest of a package.
type test struct {
	action   string // "run" until it ends, then "pass", "fail" or "skip"
	output   strings.Builder
	children bool
}

// suite is one package's tests.
type suite struct {
	name   string
	tests  map[string]*test
	output strings.Builder // outside any test
}

// tally is what came of the tests.
type tally struct{ passed, failed, skipped int }

func (t tally) String() string { return fmt.Sprintf("%d passed, %d failed", t.passed, t.failed) }

func (t *tally) add(other tally) {
	t.passed += other.passed
	t.failed += other.failed
	t.skipped += other.skipped
}

func main() {
	client := flag.String("client", "", "report of the client's tests, as vitest --reporter=json writes it")
	summary := flag.String("summary", "", "file to write the last line to, instead of standard output")
	flag.Parse()
	total, err := count(os.Stdin, os.Stdout)
	if err == nil && *client != "" {
		var tests tally
		tests, err = countClient(*client, os.Stdout)
		total.add(tests)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "count:", err)
		total.failed++
	}
	if total.skipped > 0 {
		fmt.Printf("(%d skipped)\n", total.skipped)
	}
	if *summary == "" {
		fmt.Println(total)
	} else {
		if err := os.WriteFile(*summary, []byte(total.String()+"\n"), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "count:", err)
			os.Exit(1)
		}
	}
	if total.failed > 0 || total.passed == 0 {
		os.Exit(1)
	}
}

// count reads events to the end and reports each package when it is done.
func count(in io.Reader, out io.Writer) (tally, error) {
	var total tally
	suites := map[string]*suite{}
	builds := map[string]*strings.Builder{} // what the compiler said
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return total, err
		}
		if strings.TrimSpace(line) != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				fmt.Fprint(out, line) // not an event: somebody has something to say
			} else if e.ImportPath != "" {
				if builds[e.ImportPath] == nil {
					builds[e.ImportPath] = &strings.Builder{}
				}
				builds[e.ImportPath].WriteString(e.Output)
			} else if done := take(suites, e); done != nil {
				if e.FailedBuild != "" && builds[e.FailedBuild] != nil {
					done.output.WriteString(builds[e.FailedBuild].String())
				}
				total.add(done.report(out, e))
				delete(suites, e.Package)
			}
		}
		if err != nil {
			break
		}
	}
	for _, unfinished := range suites { // go test itself was ended
		total.add(unfinished.report(out, event{Action: "fail"}))
	}
	return total, nil
}

// take notes an event and returns the suite that it ends, if any.
func take(suites map[string]*suite, e event) *suite {
	s := suites[e.Package]
	if s == nil {
		s = &suite{name: e.Package, tests: map[string]*test{}}
		suites[e.Package] = s
	}
	ends := e.Action == "pass" || e.Action == "fail" || e.Action == "skip"
	if e.Test == "" {
		if e.Action == "output" {
			s.output.WriteString(e.Output)
		}
		if ends {
			return s
		}
		return nil
	}
	t := s.tests[e.Test]
	if t == nil {
		t = &test{action: "run"}
		s.tests[e.Test] = t
	}
	if e.Action == "output" {
		t.output.WriteString(e.Output)
	}
	if ends {
		t.action = e.Action
	}
	return nil
}

// report prints a suite that is done and counts its tests.
func (s *suite) report(out io.Writer, end event) tally {
	names := make([]string, 0, len(s.tests))
	for name := range s.tests {
		names = append(names, name)
		for parent := name; ; {
			slash := strings.LastIndexByte(parent, '/')
			if slash < 0 {
				break
			}
			parent = parent[:slash]
			if t := s.tests[parent]; t != nil {
				t.children = true
			}
		}
	}
	slices.Sort(names)

	var counted tally
	var skipped []string
	for _, name := range names {
		t := s.tests[name]
		switch t.action {
		case "pass":
			if !t.children {
				counted.passed++
			}
		case "skip":
			if !t.children {
				counted.skipped++
				skipped = append(skipped, name)
			}
		default: // failed, or was still running when its package ended
			if !t.children || !s.failedBelow(name) {
				counted.failed++
			}
			fmt.Fprintf(out, "--- %s %s\n%s", s.name, name, t.output.String())
		}
	}
	if end.Action == "fail" {
		fmt.Fprint(out, s.output.String())
		if counted.failed == 0 {
			counted.failed++
		}
	}
	if end.Action != "skip" && len(s.tests) > 0 || counted.failed > 0 {
		word := "ok  "
		if counted.failed > 0 {
			word = "FAIL"
		}
		fmt.Fprintf(out, "%s %-32s %v (%.1f s)\n", word, s.name, counted, end.Elapsed)
	}
	for _, name := range skipped {
		fmt.Fprintf(out, "     skipped: %s\n", name)
	}
	return counted
}

// failedBelow tells whether a subtest of a test failed too, and counts for it.
func (s *suite) failedBelow(name string) bool {
	for other, t := range s.tests {
		if strings.HasPrefix(other, name+"/") && t.action != "pass" && t.action != "skip" {
			return true
		}
	}
	return false
}

// countClient reads vitest's report, which has the form of jest's.
func countClient(path string, out io.Writer) (tally, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return tally{}, fmt.Errorf("the client's tests left no report: %w", err)
	}
	var report struct {
		NumPassedTests  int
		NumFailedTests  int
		NumPendingTests int
		Success         bool
		TestResults     []struct {
			Name             string
			Status           string
			Message          string
			AssertionResults []struct {
				FullName        string
				Status          string
				FailureMessages []string
			}
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return tally{}, fmt.Errorf("read the client's report: %w", err)
	}
	counted := tally{report.NumPassedTests, report.NumFailedTests, report.NumPendingTests}
	for _, file := range report.TestResults {
		if file.Status == "failed" && len(file.AssertionResults) == 0 { // it does not load
			counted.failed++
			fmt.Fprintf(out, "--- client %s\n%s\n", file.Name, file.Message)
		}
		for _, result := range file.AssertionResults {
			if result.Status == "failed" {
				fmt.Fprintf(out, "--- client %s\n%s\n", result.FullName, strings.Join(result.FailureMessages, "\n"))
			}
		}
	}
	if !report.Success && counted.failed == 0 {
		counted.failed++
	}
	word := "ok  "
	if counted.failed > 0 {
		word = "FAIL"
	}
	fmt.Fprintf(out, "%s %-32s %v\n", word, "client", counted)
	return counted, nil
}
