// Package frontend hands the built web client to the binary.
//
// The client is TypeScript; `npm run build` in this folder writes it to dist, and go:embed
// takes dist as it is. Only dist/.gitkeep is committed, so the service compiles and runs on a
// machine without Node: Built then reports false and the server says how to get the client.
//
// Beside each text file of the build lies a gzip copy (name.gz) to be served as it is.
// Files below assets/ carry a hash of their content in their name and never change.
// The functions cost nothing worth measuring and are for concurrent use.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built client: index.html at its root, hashed files below assets/.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		// "dist" is a valid path, the only thing fs.Sub checks.
		return dist
	}
	return files
}

// Built reports whether the client was built before the binary was.
func Built() bool {
	_, err := fs.Stat(dist, "dist/index.html")
	return err == nil
}
