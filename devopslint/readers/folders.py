"""What the names of folders say of the files in them: tests, examples, archives, other projects."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Container, Iterable

from devopslint.deferred import compiled

_VENDORED = compiled(
    r"(?:^|/)(?P<folder>vendor|_?vendir|_ytt_lib|third[_-]party|bower_components|jspm_packages|kodata|vendored)/"
)
_TRIED = compiled(
    r"(?:^|/)(?P<folder>tests|__tests__|fixtures|fakes?|e2e(?:[-_]?tests?)?|(?:integration|functional|system|smoke|conformance|perf|performance|load|stress)[-_]?tests?|\.github"
    r"|[._]?tests?[-_](?:e2e|data|files?|fixtures?|resources?|manifests?|cases?|suites?|e2e)|(?:[a-z0-9]+[-_])+tests|\.?(?:kuttl|chainsaw|kyverno)[-_]tests?|kuttl|chainsaw)/"
    r"|(?:^|/)src/(?P<sources>test)/|^(?P<top>test|testing)/"
    r"|(?:^|/)(?P<inner>test|testing)/(?:e2e|integration|functional|unit|system|smoke|perf(?:ormance)?|load|stress|acceptance|fixtures?|data|testdata|manifests|res|resources|bats)/"
    r"|(?:^|/)(?P<judged>[._]?tests?)/(?:[^/]+/){1,3}(?:bad|good)/"
)
_REFUSED = compiled(
    r"(?i)(?:^|/)(?:tests?|testdata|fixtures?|e2e|spec)/(?:[^/]+/)*?((?:[^/]+[-_])?(?:negative|invalid|bad|broken|malformed|fail(?:s|ing|ure|ures)?|should[-_]fail)(?:[-_][^/]+)?)/"
)
"""What a test gives to a program to see it refused."""
REFUSED = "a test expects that it is refused"
_PUT_AWAY = compiled(
    r"(?i)(?:^|/)(?P<folder>[._]?(?:[0-9]{1,4}[-_.])?(?:archived?|archives|attic|decommissioned|deprecated|disabled|graveyard|obsolete|old|outdated|retired|trash(?:box|can)?|not[-_]?used|unused|(?:archived|decommissioned|obsolete)[-_][\w.-]+)|(?:[\w.-]+\.)?bak"
    r"|(?:(?:[\w.-]*[-_.])?(?:backups?|bak|old)[-_.]?|backups?/(?:[\w.-]*[-_.])?)20[0-9]{2}[-_.]?[01][0-9][-_.]?[0-3][0-9][\w.-]*)/"
)
_SHOWN = compiled(
    r"(?:^|/)(?:examples?|samples?|docs?|documentation|demos?|tutorials?|workshops?|quick-?starts?|getting[-_]started"
    r"|\.?dev[-_]?(?:env|container)s?|local(?:[-_]dev(?:elopment)?)?|charts?/(?:[^/]+/){1,3}tests?)/"
)
"""Where others are shown how things are done, or try them on their own machines, with values that are nobody's."""
_LOCAL = compiled(
    r"(?:^|/)(?P<folder>(?:[a-z0-9]+[-_])*(?:k3d|kind|localdev|minikube|orbstack)(?:[-_][a-z0-9]+)*|docker[-_]desktop"
    r"|docker[-_]for[-_](?:desktop|mac|windows)|local[-_](?:clusters?|dev(?:elopment)?|env(?:ironment)?|k8s|kube|kubernetes|setup))/"
    r"|(?:^|/)(?:clusters|deploy(?:ments?)?|env(?:ironment)?s?|k8s|kubernetes|kustomize|manifests|overlays|values)/(?P<overlay>local)/"
)
"""What folders are called for a cluster on somebody's own machine: `overlays/local/`, `dev-kind/`."""
_REHEARSED = compiled(
    r"(?i)(?:\A|[^a-z])(?:dev|develop|development|devel|local|localhost|kind|k3d|minikube|test|tests|testing|tst|qa|ci|e2e|int|integration"
    r"|stag|stage|staging|stg|(?:pre|non)[-_]?prod(?:uction)?|acceptance|uat|sandbox|sbx|playground|previews?|reviews?|pr|pull[-_]requests?|ephemeral|poc"
    r"|standalone|single(?=[./]|\Z)|single[-_](?:node|replica|instance))(?![a-z])"
)
"""Words for a place that nobody's service depends on, or that has one of everything on purpose."""
_ENVIRONMENTS = frozenset(
    "acc acceptance base common dev develop development live overlays preprod prod production qa stage staging uat".split()  # noqa: SIM905  # shorter than a list
)
"""What lies beside a folder `test` that is an environment, and no test."""
TRIED_OR_SHOWN = frozenset(
    (
        *("test", "tests", "testing", "testdata", "__tests__", "spec", "e2e", "fixture", "fixtures"),
        *("example", "examples", "sample", "samples", "demo", "demos"),
    )
)
"""Those of tests and examples: what lies there is tried out, or shows how a thing is used."""
ASIDE = TRIED_OR_SHOWN | {"doc", "docs", "vendor", "vendored", "third_party", "third-party", "node_modules"}
"""Those, and the folders of documents and of what others wrote."""


def vendored(path: str) -> str:
    """Why a file may be another project's; empty for one of this."""
    found = _VENDORED.search(path)
    return f"is another project's file: it lies in {found['folder']}/" if found else ""


@functools.lru_cache(maxsize=100)
def tried_in(path: str) -> str:
    """The folder of tests that a file lies in; empty where it lies in none."""
    found = _TRIED.search(path)
    return (found["folder"] or found["sources"] or found["top"] or found["inner"] or found["judged"]) if found else ""


@functools.lru_cache(maxsize=100)
def local_in(path: str) -> str:
    """The folder for clusters on somebody's own machine that a file lies in; empty where it lies in none."""
    found = _LOCAL.search(path)
    return (found["folder"] or found["overlay"]) if found else ""


def refused_in(path: str) -> str:
    """The folder of what tests give to a program to see it refused that a file lies in; empty where it lies in none."""
    found = _REFUSED.search(path)
    return found[1] if found else ""


def put_away_in(path: str) -> str:
    """The folder that a file is put away in; empty where it lies in none."""
    found = _PUT_AWAY.search(path)
    return found["folder"] if found else ""


def is_shown(path: str) -> bool:
    """Whether a file is for tests or by way of example, so that a password in it that is a word is nobody's."""
    return bool(tried_in(path) or local_in(path)) or _SHOWN.search(path) is not None


def is_rehearsed(place: str) -> bool:
    """Whether a path, or what something is called, is of an environment before production, or of none."""
    return _REHEARSED.search(place) is not None


def is_relied_on(path: str, namespace: str) -> bool:
    """Whether what runs there may be what somebody relies on: in no example, and in no environment before production."""
    return not (is_shown(path) or is_rehearsed(path) or is_rehearsed(namespace))


def said_of(path: str) -> tuple[object, ...]:
    """All that is asked here of a path while one file is judged: where two say the same, the same is said of what is in them."""
    return tried_in(path), local_in(path), is_shown(path), is_rehearsed(path)


def is_environment(folder: str, beside: Iterable[str]) -> bool:
    """Whether a folder called `test` is one of the environments that things are deployed to."""
    return folder in ("test", "testing") and not _ENVIRONMENTS.isdisjoint(beside)


def are_of_one_sample(path: str, other: str) -> bool:
    """Whether two files may be meant for each other: what lies among tests or examples goes with its own folders only."""
    around = uppermost(path, TRIED_OR_SHOWN)
    if around != uppermost(other, TRIED_OR_SHOWN):
        return False
    one, two = (f"{posixpath.dirname(each)}/" for each in (path, other))
    return not around or one.startswith(two) or two.startswith(one)


def uppermost(path: str, names: Container[str]) -> str:
    """The uppermost of the folders around a file that has one of these names, empty where none has."""
    parts = path.split("/")[:-1]
    end = next((index for index, part in enumerate(parts, 1) if part.lower() in names), 0)
    return "/".join(parts[:end])
