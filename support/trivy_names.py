"""What trivy's checks are called in comments: python -m support.trivy_names.

A check has an id (AWS-0107), and a long one (aws-ec2-no-public-ingress-sgr).
tfsec, from which the checks come, counted in its first versions by itself: AWS018 is none of today's numbers.
"""

from __future__ import annotations

import re
from pathlib import Path

from devopslint.catalogue import catalogue
from support.packages import go_module, write_table

_FIELD = re.compile(r"^#\s+(id|provider|service|short_code):\s*(\S+)", re.MULTILINE)
_LEGACY = re.compile(r'"([A-Z]+\d{3})":\s*"([a-z0-9-]+)"')


def main() -> None:
    checks = go_module("github.com/aquasecurity/trivy-checks")
    tfsec = go_module("github.com/aquasecurity/tfsec")
    claimed = {id for entry in catalogue().values() for id in entry.rule.equivalents.get("trivy", ())}
    names: dict[str, str] = {}
    for path in sorted(Path(checks.folder, "checks", "cloud").rglob("*.rego")):
        said = dict(reversed(_FIELD.findall(path.read_text("utf-8"))))
        id = said.get("id", "").removeprefix("AVD-")
        if id in claimed:
            names["-".join(said.get(key, "") for key in ("provider", "service", "short_code"))] = id
    counted = _LEGACY.findall(Path(tfsec.folder, "internal", "pkg", "legacy", "map.go").read_text("utf-8"))
    # What is about a VPC's groups stood under vpc before it went to ec2.
    names |= {name.replace("aws-ec2-", "aws-vpc-"): id for name, id in names.items() if name.startswith("aws-ec2-")}
    legacy = {number: names[name] for number, name in counted if name in names}
    write_table("trivy_names", __file__, [checks, tfsec], {"names": names, "legacy": legacy})


if __name__ == "__main__":
    main()
