"""What files say together, kept: it holds for whoever asks next, moves with the lines that it stands on, or is found out anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devopslint import joins
from devopslint.cache import Cache, Seen, written_report
from devopslint.catalogue import catalogue
from devopslint.config import Config
from devopslint.engine import Joined, Judged, ProjectReport
from devopslint.files import SourceFile
from devopslint.kubernetes.summaries import LabelSelector, Requirement
from devopslint.model import (
    Failure,
    Finding,
    Location,
    NotChecked,
    NotKnown,
    PartialDocument,
    Related,
    Severity,
    Witness,
)
from devopslint.project import FileReport, Project

TODAY = int(time.time() // 86_400)
BEFORE, AFTER = b"1" * 16, b"2" * 16


def at(line: int, column: int = 3, path: str = "a.yaml") -> Location:
    return Location(path, line, column, line, column + 4)


def shown(line: int, words: str = "a witness", path: str = "a.yaml") -> Witness:
    return Witness("kubernetes.probes", at(line, path=path), words)


def report(*summaries: object, **more: Any) -> FileReport:
    return FileReport(SourceFile("a.yaml", "manifest"), summaries=summaries, **more)


def finding(place: Location, message: str = "is wrong", *related: Related, **more: Any) -> Finding:
    rule = catalogue()["k8s-root-container"].rule
    return Finding(rule, Severity.ERROR, place, message, related)._replace(**more)


def asked(place: Location, because: str = "nobody says it") -> NotKnown:
    return NotKnown(place, "whether it is there", because, "", "k8s-root-container")


def joined(
    *findings: Finding,
    not_known: tuple[NotKnown, ...] = (),
    judged: Judged | None = None,
    partial: tuple[PartialDocument, ...] = (),
    **across: Any,
) -> Joined:
    return Joined(ProjectReport(findings, (), (), (), not_known)._replace(**across), judged or Judged(), partial)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """One with a file, for what is said together is kept at once."""
    made = Cache(tmp_path / "a.reports", TODAY)
    made.note("a.yaml", Seen((1, 2, 3, 4), b"", None, None))
    made.save()
    return made


def nothing(path: str) -> bytes:
    raise FileNotFoundError(path)


def again(
    cache: Cache,
    before: FileReport,
    after: FileReport,
    said: Joined,
    *,
    wanted: tuple[str, ...] = ("a.yaml",),
    reads: dict[str, str] | None = None,
    read: Callable[[str], bytes] = nothing,
) -> Joined | None:
    """What the next run knows of what was said, where the file told `before` then and tells `after` now."""
    cache.remember(BEFORE, written_report(before))
    joins.keep(cache, b"scope", BEFORE, said, reads or {})
    now = BEFORE if before is after else AFTER
    return joins.recall(cache, b"scope", now, Project([after]), joins.Reading(read), frozenset(wanted))


def lines(said: Joined | None) -> list[int]:
    assert said is not None
    return [one.location.line for one in said.across.findings]


def test_where_nothing_has_changed_all_is_as_it_was(cache: Cache) -> None:
    one = report(shown(5))
    said = joined(
        finding(at(7)),
        finding(at(5), "is wrong too", Related(at(9, path="b.yaml"), "here")),
        not_known=(asked(at(3)),),
        judged=Judged(
            (finding(at(8), "is built wrongly"),),
            (asked(at(2), "it is built elsewhere"),),
            (),
            frozenset({"a.yaml"}),
            frozenset({"k8s-root-container"}),
            {"a.yaml": ((1, 4), (6, 9))},
        ),
        partial=(PartialDocument("a.yaml", "is a patch", 2, 4),),
        subjects=(("k8s-root-container", 3),),
        not_checked=(NotChecked("", "is not known"),),
        hidden=(at(6),),
        asked={"a.yaml": (("k8s-root-container", 2),), "": (("k8s-root-container", 1),)},
    )

    assert again(cache, one, one, said) == said


def test_who_asks_for_some_files_hears_what_touches_them(cache: Cache) -> None:
    one = report()
    based = finding(at(3, path="over.yaml"), "a base", bases=(at(4, path="base.yaml"),))
    said = joined(
        finding(at(1, path="b.yaml"), "elsewhere"),
        finding(at(2, path="c.yaml"), "related", Related(at(1, path="a.yaml"), "here")),
        based,
        asked={
            "a.yaml": (("k8s-root-container", 2),),
            "b.yaml": (("k8s-root-container", 3),),
            "c.yaml": (("k8s-root-container", 2),),
        },
    )

    heard = again(cache, one, one, said)
    of_base = again(cache, one, one, said, wanted=("base.yaml", "b.yaml", "c.yaml"))

    assert heard is not None and of_base is not None
    assert [f.message for f in heard.across.findings] == ["related"]
    assert heard.across.subjects == (("k8s-root-container", 2),)
    assert [f.message for f in of_base.across.findings] == ["elsewhere", "related", "a base"]
    assert of_base.across.subjects == (("k8s-root-container", 5),)
    assert of_base.across.asked == {path: one for path, one in said.across.asked.items() if path != "a.yaml"}


def test_what_has_moved_is_said_where_it_stands_now(cache: Cache) -> None:
    before = report(shown(5), {"named": [at(7)]}, hidden=(at(9),))
    after = report(shown(6), {"named": [at(9)]}, hidden=(at(20, 8),))
    said = joined(
        finding(at(5), "one", Related(at(7), "here"), Related(at(7, path="b.yaml"), "there"), bases=(at(9),)),
        not_known=(asked(at(7)),),
        judged=Judged((finding(at(7), "built"),), (asked(at(5)),)),
        hidden=(at(9), at(9, path="b.yaml")),
    )

    now = again(cache, before, after, said)

    assert now == joined(
        finding(at(6), "one", Related(at(9), "here"), Related(at(7, path="b.yaml"), "there"), bases=(at(20, 8),)),
        not_known=(asked(at(9)),),
        judged=Judged((finding(at(9), "built"),), (asked(at(6)),)),
        hidden=(at(20, 8), at(9, path="b.yaml")),
    )


SAID = joined(finding(at(5)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (report(shown(5)), report(shown(5, "another"))),
        (report(shown(5)), report(shown(5), shown(6))),
        (report(shown(5)), report(shown(5)._replace(calls=True))),
        (report(shown(5)), report((5,))),
        (report(shown(5), shown(6)), report(shown(5), shown(5))),
        (report(shown(5), shown(6)), report(shown(6), shown(5))),
        (report(shown(5), shown(5)), report(shown(6), shown(7))),
        (report(shown(5)), report(shown(6)._replace(location=at(6)._replace(path="b.yaml")))),
        (report(at(5)), report(at(5)._replace(missing=True))),
        (report(at(5)), report(at(5)._replace(wanted="image"))),
        (report(shown(5)), report(shown(5), hidden=(at(2),))),
        (report(shown(5)), report(shown(5), aspects=("monitoring-objects",))),
        (report(shown(5)), report(shown(5), unchecked=True)),
        (report(shown(5)), report(shown(5))._replace(file=SourceFile("a.yaml", "compose"))),
        (report(shown(5)), report(shown(5), failures=(Failure("", "a.yaml", "broke"),))),
        (report({"a": 1}), report({"b": 1})),
        (report({"a": 1}), report({"a": 2})),
        (report({"a": 1}), report({"a": 1, "b": 2})),
        (report(["a"]), report(["a", "b"])),
        (report(["a"]), report(("a",))),
        (report(shown(5), NotChecked("a.yaml", "why", 5)), report(shown(6), NotChecked("a.yaml", "why", 5))),
        (report(shown(5), [{"x": NotChecked("", "y")}]), report(shown(6), [{"x": NotChecked("", "y")}])),
    ],
)
def test_a_file_that_tells_something_else_is_heard_anew(cache: Cache, before: FileReport, after: FileReport) -> None:
    assert again(cache, before, after, SAID) is None


def selector(line: int, *wanted: str) -> LabelSelector:
    return LabelSelector(tuple(Requirement("app", "In", frozenset({one})) for one in wanted), at(line))


def test_a_selector_moves_with_its_lines_and_tells_something_else_where_it_asks_for_something_else(
    cache: Cache,
) -> None:
    before, moved = (report(selector(line, "web")) for line in (5, 6))

    assert lines(again(cache, before, moved, joined(finding(at(5))))) == [6]
    assert again(cache, before, report(selector(5, "api")), SAID) is None
    assert again(cache, before, report(selector(5, "web", "api")), SAID) is None


def test_a_file_that_tells_the_same_of_another_text_is_not(cache: Cache) -> None:
    before, after = report(shown(5), NotChecked("a.yaml", "why", 5)), report(shown(5), NotChecked("a.yaml", "why", 5))

    assert again(cache, before, after, SAID) == SAID


def test_a_part_of_a_file_that_is_completed_elsewhere_moves_by_its_first_and_last_line(cache: Cache) -> None:
    before, after = (report(shown(3 + by), PartialDocument("b.yaml", "why", 3 + by, 9 + by)) for by in (0, 2))

    assert lines(again(cache, before, after, joined(finding(at(3))))) == [5]
    assert again(cache, before, report(shown(5), PartialDocument("b.yaml", "other", 5, 11)), SAID) is None


def test_what_stands_at_no_place_that_is_told_is_found_out_anew(cache: Cache) -> None:
    before, after = report(shown(5)), report(shown(6))

    assert again(cache, before, after, joined(finding(at(5)))) is not None
    for place in (at(4), at(5, 4), at(5)._replace(end_line=6), at(5)._replace(end_column=9)):
        assert again(cache, before, after, joined(finding(place))) is None, place
    assert lines(again(cache, before, after, joined(finding(at(4, path="b.yaml"))), wanted=("b.yaml",))) == [4]


def test_what_is_said_of_a_whole_file_holds_where_its_top_has_not_moved(cache: Cache) -> None:
    top = Location("a.yaml", 1, 1, 1, 1)
    below = Location("a.yaml", 1, 1, 1, 5)

    def kept(first: Location, then: Location) -> Joined | None:
        return again(cache, report(first, shown(5)), report(then, shown(6)), joined(finding(top)))

    assert lines(kept(top, top)) == [1]
    assert kept(below, below._replace(line=2, end_line=2)) is None
    assert lines(kept(below, below)) == [1]


@pytest.mark.parametrize(
    ("said", "quotes"),
    [
        (joined(finding(at(5), "is wrong, as on line 7")), True),
        (joined(finding(at(5), "is wrong", Related(at(5), "as on line 7"))), True),
        (joined(finding(at(5), "as in a.yaml:7")), True),
        (joined(finding(at(5), "as in b.yaml:7")), False),
        (joined(finding(at(5), "a line too many; deadline 7; line seven")), False),
        (joined(not_known=(asked(at(5), "line 3 is a template"),)), True),
        (joined(judged=Judged((finding(at(5), "see line 2"),))), True),
        (joined(judged=Judged((), (asked(at(5), "see line 2"),))), True),
    ],
)
def test_words_that_quote_a_line_are_found_out_anew_where_something_has_moved(
    cache: Cache, said: Joined, quotes: bool
) -> None:
    before, same, moved = report(shown(5)), report(shown(5)), report(shown(6))

    assert again(cache, before, same, said) == said
    assert (again(cache, before, moved, said) is None) is quotes


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (joined(judged=Judged(untouched={"a.yaml": ((1, 4),)})), False),
        (joined(judged=Judged(untouched={"b.yaml": ((1, 4),)})), True),
        (joined(partial=(PartialDocument("a.yaml", "is a patch"),)), True),
        (joined(partial=(PartialDocument("a.yaml", "is a patch", 1, 9),)), False),
        (joined(partial=(PartialDocument("a.yaml", "is a patch", 2),)), False),
        (joined(partial=(PartialDocument("a.yaml", "is a patch", column=3),)), False),
        (joined(partial=(PartialDocument("b.yaml", "is a patch", 1, 9),)), True),
    ],
)
def test_lines_that_are_no_places_hold_where_nothing_has_moved(cache: Cache, said: Joined, holds: bool) -> None:
    before, same, moved = report(shown(5)), report(shown(5)), report(shown(6))

    assert again(cache, before, same, said) == said
    assert (again(cache, before, moved, said) == said) is holds


def test_what_was_read_has_to_be_the_same_still(cache: Cache) -> None:
    texts = {"k.yaml": b"resources: []\n", "gone.yaml": None, "odd.yaml": b""}

    def read(path: str) -> bytes:
        if path == "odd.yaml":
            raise ValueError("is no regular file")
        if (text := texts[path]) is None:
            raise FileNotFoundError(path)
        return text

    reading = joins.Reading(read)
    assert reading("k.yaml") == b"resources: []\n"
    for path in ("gone.yaml", "odd.yaml"):
        with pytest.raises((OSError, ValueError)):
            reading(path)
    one = report(shown(5))

    def kept() -> bool:
        return again(cache, one, one, SAID, reads=reading.digests, read=read) is not None

    assert reading.digests == {
        "k.yaml": reading.digests["k.yaml"],
        "gone.yaml": "FileNotFoundError",
        "odd.yaml": "ValueError",
    }
    assert len(reading.digests["k.yaml"]) == 32
    assert kept()
    texts["k.yaml"] = b"resources: [a]\n"
    assert not kept()
    texts["k.yaml"], texts["gone.yaml"] = b"resources: []\n", b""
    assert not kept()
    texts["gone.yaml"], texts["k.yaml"] = None, None
    assert not kept()


@pytest.mark.parametrize(
    "said",
    [
        joined(failures=(Failure("k8s-root-container", "", "broke"),)),
        joined(judged=Judged(failures=(Failure("k8s-root-container", "", "broke"),))),
        joined(subjects=(("k8s-root-container", 1),)),
    ],
)
def test_what_broke_or_cannot_be_told_by_file_is_not_kept(cache: Cache, said: Joined) -> None:
    one = report(shown(5))

    assert again(cache, one, one, said) is None


def project(*paths: str, **more: Any) -> Project:
    return Project([FileReport(SourceFile(path, "manifest")) for path in paths], **more)


def test_more_changed_files_than_are_looked_at_are_joined_anew(cache: Cache) -> None:
    def kept(changed: int) -> bool:
        paths = [f"{number:03}.yaml" for number in range(joins.MOST_CHANGED + 5)]
        before = [number.to_bytes(16, "big") for number in range(len(paths))]
        for path, key in zip(paths, before, strict=True):
            cache.remember(key, written_report(FileReport(SourceFile(path, "manifest"))))
        now = [bytes(15) + b"\xff" if number < changed else key for number, key in enumerate(before)]
        joins.keep(cache, b"scope", b"".join(before), joined(), {})
        return (
            joins.recall(cache, b"scope", b"".join(now), project(*paths), joins.Reading(nothing), frozenset())
            is not None
        )

    assert kept(joins.MOST_CHANGED)
    assert not kept(joins.MOST_CHANGED + 1)


def test_other_files_and_other_scopes_are_joined_anew(cache: Cache) -> None:
    one = report(shown(5))
    assert again(cache, one, one, SAID) is not None

    assert joins.recall(cache, b"other", BEFORE, Project([one]), joins.Reading(nothing), frozenset({"a.yaml"})) is None
    assert (
        joins.recall(cache, b"scope", BEFORE * 2, Project([one, one]), joins.Reading(nothing), frozenset({"a.yaml"}))
        is None
    )


def test_the_parts_are_the_keys_of_all_reports_in_their_order() -> None:
    two = project("b.yaml", "a.yaml")

    assert joins.parts_of(two, {"a.yaml": BEFORE, "b.yaml": AFTER}) == BEFORE + AFTER
    assert joins.parts_of(two, {"a.yaml": BEFORE}) is None
    assert joins.parts_of(project(), {}) == b""


def test_whatever_else_a_join_is_made_of_tells_its_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [
        joins.scope_key(one, config)
        for one, config in (
            (project("a.yaml"), Config()),
            (project("b.yaml"), Config()),
            (project("a.yaml", "b.yaml"), Config()),
            (project("a.yaml"), Config(render=True)),
            (project("a.yaml", complete=False), Config()),
            (project("a.yaml", others=["x"]), Config()),
            (project("a.yaml", others=["x", "y"]), Config()),
            (project("a.yaml", others=["\udcff"]), Config()),
            (project("a.yaml", told=[1]), Config()),
            (project("\udcff.yaml"), Config()),
        )
    ]
    assert len(set(several)) == len(several)
    assert {len(one) for one in several} == {16}
    assert several[0] == joins.scope_key(project("a.yaml"), Config())
    for name, value in (("__version__", "9"), ("stamp", lambda: "x"), ("sys.version", "4")):
        with monkeypatch.context() as patch:
            patch.setattr(f"devopslint.joins.{name}", value)
            assert joins.scope_key(project("a.yaml"), Config()) not in several
