"""hadolint's configuration: the codes that a repository does not want, their levels, its registries and its labels.

https://github.com/hadolint/hadolint#configure
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.peers.settings import LinterFile, LinterSetting, present, texts
from devopslint.readers.yaml import Node

LEVELS = ("style", "info", "warning", "error")
"""Of a code that is named below several, the last counts."""
KEYS = (
    "disable-ignore-pragma",
    "failure-threshold",
    "format",
    "ignored",
    "label-schema",
    "no-color",
    "no-fail",
    "override",
    "strict-labels",
    "trustedRegistries",
)
LABEL_TYPES = ("email", "hash", "rfc3339", "semver", "spdx", "text", "url")


class HadolintFile(LinterFile):
    """A .hadolint.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("hadolint",)

    @property
    def ignored(self) -> Iterator[Node]:
        return texts(self.root["ignored"])

    @property
    def levels(self) -> Iterator[tuple[str, str]]:
        """(level, code), the highest level last."""
        return ((level, code.text) for level in LEVELS for code in texts(self.root.get("override", level)))

    @property
    def registries(self) -> list[str]:
        return [name.text for name in texts(self.root["trustedRegistries"])]

    @property
    def labels(self) -> list[tuple[str, str]]:
        """(name, type) of each label that images are to have."""
        return [(name.text, type.text) for name, type in self.root["label-schema"].items() if type.text in LABEL_TYPES]

    @property
    def strict(self) -> bool:
        """Whether images may have no other labels."""
        return self.root["strict-labels"].value is True


def hadolint_settings(file: HadolintFile) -> Iterator[LinterSetting]:
    root = file.root
    override, labels = root["override"], root["label-schema"]
    yield from present(
        [
            LinterSetting("the configuration", root, "mapping", KEYS),
            LinterSetting("'ignored'", root["ignored"], "sequence", form="code"),
            LinterSetting("'override'", override, "mapping", LEVELS, closed=True),
            *(LinterSetting(f"'{level}'", override[level], "sequence", form="code") for level in LEVELS),
            LinterSetting("'trustedRegistries'", root["trustedRegistries"], "sequence"),
            LinterSetting("'label-schema'", labels, "mapping"),
            *(LinterSetting(f"the type of '{name.text}'", type, "word", LABEL_TYPES) for name, type in labels.items()),
            LinterSetting("'strict-labels'", root["strict-labels"], "boolean"),
        ]
    )
