"""Compiles the rule catalogue into the wheel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """A rule file that does not fit the house fails the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        sys.path.insert(0, self.root)
        try:
            from devopslint import catalogue

            catalogue.write_compiled(catalogue.compiled(catalogue.compile_catalogue()))
        finally:
            sys.path.remove(self.root)
        if not Path(self.root, "devopslint", "_catalogue.json").exists():
            raise FileNotFoundError("the compiled catalogue could not be written")
