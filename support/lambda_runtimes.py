"""When AWS Lambda deprecates its runtimes, and lets nobody change their functions: python -m support.lambda_runtimes."""

from __future__ import annotations

import json

from support.packages import pypi, write_table


def main() -> None:
    package = pypi("cfn-lint")
    found = json.loads((package.folder / "cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json").read_text("utf-8"))
    runtimes = {name: [dates["deprecated"], dates["update-block"]] for name, dates in sorted(found.items())}
    write_table("lambda_runtimes", __file__, [package], {"runtimes": runtimes})


if __name__ == "__main__":
    main()
