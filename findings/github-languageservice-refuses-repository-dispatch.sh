#!/usr/bin/env bash
# A workflow may be started by `on: repository_dispatch`, with the event's name alone, as GitHub's documentation shows for every
# event; GitHub's own editor support should find nothing in it, as it finds nothing in `on: push`.
# It says "Unexpected value 'repository_dispatch'", for the name alone and in a list: the schema of @actions/workflow-parser
# gives the definition `repository-dispatch-string` the constant `branch_protection_rule`. As a key of a mapping the event is taken.
# So the names of events are to be read from the keys of `on-mapping-strict`, not from `on-string-strict`.
# @actions/languageservice and @actions/workflow-parser 0.3.61, 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund @actions/languageservice@0.3.61 vscode-languageserver-textdocument@1.0.12 esbuild@0.25.0
cat > ask.js <<'JS'
import { validate } from "@actions/languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";

const jobs = "\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps: [{run: make}]\n";
const triggers = ["push", "repository_dispatch", "[push, repository_dispatch]", "{repository_dispatch: {types: [deploy]}}"];
(async () => {
  for (const [number, on] of triggers.entries()) {
    const file = TextDocument.create(`file:///repo/.github/workflows/${number}.yml`, "yaml", 1, `on: ${on}${jobs}`);
    const found = (await validate(file, {})).map(one => one.message);
    console.log(`on: ${on} -> ${found.join("; ") || "nothing"}`);
  }
})();
JS
npx esbuild ask.js --bundle --platform=node --outfile=bundle.js --log-level=error
node bundle.js | tee seen
diff seen - <<'SEEN'
on: push -> nothing
on: repository_dispatch -> Unexpected value 'repository_dispatch'
on: [push, repository_dispatch] -> Unexpected value 'repository_dispatch'
on: {repository_dispatch: {types: [deploy]}} -> nothing
SEEN
