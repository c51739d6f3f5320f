"""The identifiers of licences that SPDX knows, the deprecated ones too: python -m support.licences."""

from __future__ import annotations

import json

from support.packages import npm, write_table


def main() -> None:
    package = npm("spdx-license-ids")
    current, deprecated = (json.loads((package.folder / f"{n}.json").read_bytes()) for n in ("index", "deprecated"))
    write_table("licences", __file__, [package], {"licences": sorted({*current, *deprecated})})


if __name__ == "__main__":
    main()
