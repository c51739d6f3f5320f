#!/usr/bin/env bash
# The SARIF Multitool's rule SARIF2006 (addresses that cannot be reached) is a note, and `validate` shows warnings and errors
# unless `--level` asks for notes. One would expect that a plain `validate` of a local file asks nothing of the network.
# It fetches every address of the log all the same, and drops what it learnt: a log whose 40 rules have 40 helpUris makes
# requests to each of the 40, and the report is empty. Where names cannot be resolved, a catalogue of 800 rules takes minutes.
# @microsoft/sarif-multitool-linux 5.7.0, 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/sarif-multitool-linux@5.7.0
multitool=node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod u+x "$multitool"

cat > ask.py <<'PY'
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = Counter()


class Proxy(BaseHTTPRequestHandler):
    def do_CONNECT(self):
        asked[self.path] += 1
        self.send_error(502)

    def log_message(self, *_):
        pass


rules = [
    {"id": f"EX{n:04}", "name": f"RuleNumber{n}", "helpUri": f"https://github.com/{n}",
     "shortDescription": {"text": f"Example {n}."}, "fullDescription": {"text": f"Example {n}."},
     "help": {"text": "Do otherwise."}, "messageStrings": {"default": {"text": "This is '{0}'."}}}
    for n in range(1, 41)
]
log = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
    "runs": [{"tool": {"driver": {"name": "Example", "version": "1.0.0", "rules": rules}}, "results": []}],
}
with open("in.sarif", "w") as file:
    json.dump(log, file)
server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_address[1]}"
subprocess.run(
    [sys.argv[1], "validate", "in.sarif", "--output", "out.sarif", "--rule-kind", "Sarif", "--log", "ForceOverwrite"],
    env={**os.environ, "HTTPS_PROXY": address}, check=False, stdout=subprocess.DEVNULL,
)
with open("out.sarif", encoding="utf-8-sig") as file:
    notes = [result for result in json.load(file)["runs"][0].get("results", ()) if result["ruleId"] == "SARIF2006"]
print(f"{asked['github.com:443']} of 40 helpUris were asked for; results of SARIF2006 in the report: {len(notes)}")
sys.exit(asked["github.com:443"] < 40 or bool(notes))
PY
python3 ask.py "$multitool"
