"""Which branch of a `case` a script takes, where its first argument is known."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from devopslint.deferred import compiled

_FIRST = r"\$(?:1|\{1(?::?-(?P<default>[^}\"'$]*))?\})"
_KEPT = compiled(rf"(?m)^[ \t]*(?:local |readonly )?(?P<name>[A-Za-z_]\w*)=[\"']?{_FIRST}[\"']?[ \t]*(?:;|$)")
_CASE = compiled(rf"(?m)^[ \t]*case[ \t]+[\"']?(?:{_FIRST}|\$\{{?(?P<name>[A-Za-z_]\w*)\}}?)[\"']?[ \t]+in\b")
_HEAD = compiled(r"(?:\s|#[^\n]*\n)*\(?[ \t]*(?P<patterns>[^()\n;&]+)\)")
_STEP = compiled(r"#[^\n]*|'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|(?<![\w-])(?:case|esac)(?![\w-])|;;&|;&|;;")
_WRITTEN = compiled(r"[^\n]")


def taken(script: str, arguments: Sequence[str]) -> str:
    """The script with blanks for the branches that it does not take, each on its line; as it is where that is not known."""
    given = arguments[0] if arguments else ""
    if "case" not in script or "$" in given or "{{" in given:
        return script
    defaults = {found["name"]: found["default"] or "" for found in _KEPT.finditer(script)}
    for found in reversed(list(_CASE.finditer(script))):
        name = found["name"]
        if name is not None and name not in defaults:
            continue
        default = defaults[name] if name is not None else found["default"] or ""
        branches = _branches(script, found.end())
        if branches is not None:
            script = _chosen(script, found.start(), branches, given or default)
    return script


def _branches(script: str, at: int) -> list[tuple[str, int, int]] | None:
    """(patterns, where what is run begins, where it ends) of each branch; None where that is not plain. The last is `esac`."""
    found: list[tuple[str, int, int]] = []
    while True:
        head = _HEAD.match(script, at)
        if head is None:
            end = re.compile(r"(?:\s|#[^\n]*\n)*esac\b").match(script, at)
            return [*found, ("", end.end(), end.end())] if end is not None else None
        depth = 0
        for step in _STEP.finditer(script, head.end()):
            if step[0] in (";&", ";;&"):
                return None  # goes on with the next branch
            if step[0] == "case":
                depth += 1
            elif step[0] == "esac" and depth:
                depth -= 1
            elif not depth and step[0] in (";;", "esac"):
                found.append((head["patterns"], head.end(), step.start()))
                at = step.end() if step[0] == ";;" else step.start()
                break
        else:
            return None


def _chosen(script: str, start: int, branches: list[tuple[str, int, int]], given: str) -> str:
    end = branches[-1][2]
    for patterns, begins, ends in branches[:-1]:
        if any(fnmatch.fnmatchcase(given, one.strip().strip("\"'")) for one in patterns.split("|")):
            kept = script[begins:ends]
            return f"{script[:start]}{_blank(script[start:begins])}{kept}{_blank(script[ends:end])}{script[end:]}"
    return f"{script[:start]}{_blank(script[start:end])}{script[end:]}"


def _blank(text: str) -> str:
    return _WRITTEN.sub(" ", text)
