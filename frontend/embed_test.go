package frontend

import (
	"io/fs"
	"strings"
	"testing"
)

func TestFilesHoldTheBuildWhenThereIsOne(t *testing.T) {
	page, err := fs.ReadFile(Files(), "index.html")
	if Built() != (err == nil) {
		t.Fatalf("Built() = %v, but reading index.html gives %v", Built(), err)
	}
	if !Built() {
		t.Log("the client is not built: npm run build")
		return
	}
	// The content security policy forbids inline scripts and styles.
	for _, forbidden := range []string{"<style", "style=", "<script>", "onload="} {
		if strings.Contains(string(page), forbidden) {
			t.Errorf("index.html contains %q", forbidden)
		}
	}
	scripts, err := fs.Glob(Files(), "assets/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no script in the build: %v", err)
	}
	for _, script := range scripts {
		if _, err := fs.Stat(Files(), script+".gz"); err != nil {
			t.Errorf("%s has no gzip copy: %v", script, err)
		}
	}
}
