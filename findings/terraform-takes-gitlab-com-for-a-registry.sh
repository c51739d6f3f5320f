#!/usr/bin/env bash
# A module's source that begins with github.com/ or gitlab.com/ is taken for a Git repository: the library that fetches modules
# has a detector for each. Behind gitlab.com three names are never a folder of a repository, however: the library that reads
# addresses first sets aside only github.com and bitbucket.org among the hosts of modules (for components all three) and takes
# gitlab.com/group/name/system for a module of a registry, which `version` pins; only what it refuses goes to the detectors.
# github.com/hashicorp/terraform-registry-address v0.4.0, github.com/hashicorp/go-getter v1.8.6, 2026-11-30
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module ask

go 1.24

require (
	github.com/hashicorp/go-getter v1.8.6
	github.com/hashicorp/terraform-registry-address v0.4.0
)
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/hashicorp/go-getter"
	address "github.com/hashicorp/terraform-registry-address"
)

func said(ok string, err error) string {
	if err != nil {
		return "refused"
	}
	return ok
}

func main() {
	detectors := []getter.Detector{&getter.GitHubDetector{}, &getter.GitLabDetector{}, &getter.BitBucketDetector{}}
	for _, source := range []string{"github.com/group/name/system", "gitlab.com/group/name/system"} {
		module, err := address.ParseModuleSource(source)
		fetched, other := getter.Detect(source, ".", detectors)
		fmt.Println(source)
		fmt.Println("  as a registry's module:", said(module.Package.Host.String(), err))
		fmt.Println("  as a repository:", said(fetched, other))
	}
	_, err := address.ParseComponentSource("gitlab.com/group/name")
	fmt.Println("gitlab.com/group/name as a registry's component:", said("taken", err))
}
GO
GOFLAGS=-mod=mod go run . 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
github.com/group/name/system
  as a registry's module: refused
  as a repository: git::https://github.com/group/name.git//system
gitlab.com/group/name/system
  as a registry's module: gitlab.com
  as a repository: git::https://gitlab.com/group/name.git//system
gitlab.com/group/name as a registry's component: refused
SEEN
