#!/usr/bin/env bash
# YAML 1.1 names three spellings of each boolean: true, True, TRUE. One would expect `tRUE` and `yEs` to be texts for everybody.
# Ruby's Psych, which reads .gitlab-ci.yml, takes any mixture of cases for a boolean; PyYAML, of the same YAML 1.1, takes texts.
# Psych 4.0.3 (Ruby 3.1.2), PyYAML 6.0.2, 2026-11-29
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q pyyaml==6.0.2
text='[tRUE, yEs, oN, oFF]'
ruby=$(ruby -ryaml -e 'print YAML.load(ARGV[0]).inspect' "$text")
python=$("$folder/env/bin/python" -c 'import sys, yaml; print(yaml.safe_load(sys.argv[1]))' "$text")
echo "Psych $(ruby -ryaml -e 'print Psych::VERSION'): $ruby; PyYAML: $python"
[ "$ruby" = "[true, true, true, false]" ] && [ "$python" = "['tRUE', 'yEs', 'oN', 'oFF']" ]
