"""The names of the IANA time zone database: python -m support.time_zones."""

from __future__ import annotations

from support.packages import pypi, write_table


def main() -> None:
    package = pypi("tzdata")
    names = (package.folder / "tzdata" / "zones").read_text("ascii").split()
    write_table("time_zones", __file__, [package], {"names": sorted(names)})


if __name__ == "__main__":
    main()
