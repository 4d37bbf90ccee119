// Writes a Node.js SDK, as `pulumi package add` does: the schema on standard input, the folder as the argument.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// noPackages is asked for the packages that the schema refers to. This one refers to none.
type noPackages struct{ schema.ReferenceLoader }

func main() {
	var spec schema.PackageSpec
	if err := json.NewDecoder(os.Stdin).Decode(&spec); err != nil {
		log.Fatal(err)
	}
	loader := noPackages{}
	pkg, diagnostics, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		log.Fatal(err)
	}
	if diagnostics.HasErrors() {
		log.Fatal(diagnostics)
	}
	files, err := nodejs.GeneratePackage("pulumi", pkg, nil, nil, true, loader)
	if err != nil {
		log.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(os.Args[1], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
