"""What is fuzzed: each reader by itself, the configuration, what is kept between runs, and whole runs with every rule.

A target takes texts by path and raises only where something is wrong.
"""

from __future__ import annotations

import contextlib
import datetime
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(PROJECT)]

from devopslint import baseline, changes, plain  # noqa: E402  # the path comes first
from devopslint.catalogue import catalogue  # noqa: E402
from devopslint.config import Config, ConfigError  # noqa: E402
from devopslint.config_reading import load_config  # noqa: E402
from devopslint.docker.reader import read_dockerfile  # noqa: E402
from devopslint.documentation.markup import parts  # noqa: E402
from devopslint.engine import check_texts  # noqa: E402
from devopslint.evidence.folder import gather  # noqa: E402
from devopslint.files import LARGEST, classify  # noqa: E402
from devopslint.github.expressions import condition, expressions  # noqa: E402
from devopslint.jenkins.reader import read_jenkinsfile  # noqa: E402
from devopslint.merging import MergeError, merge  # noqa: E402
from devopslint.model import LINE_BREAK, Finding, Severity  # noqa: E402
from devopslint.monitoring import go_template, promql, re2, times  # noqa: E402
from devopslint.readers.gitignore import Gitignore  # noqa: E402
from devopslint.readers.image_reference import ImageReference  # noqa: E402
from devopslint.readers.regular_expressions import RegularError, regular  # noqa: E402
from devopslint.readers.shell import read_commands  # noqa: E402
from devopslint.readers.yaml import read_yaml  # noqa: E402
from devopslint.reports import FORMATS, Report, render  # noqa: E402
from devopslint.scripts.makefile import read_makefile  # noqa: E402
from devopslint.terraform.expressions import ExpressionFault, parse_expression, parse_template  # noqa: E402
from devopslint.terraform.json_syntax import read_json_structure  # noqa: E402
from devopslint.terraform.reader import read_structure  # noqa: E402

Texts = dict[str, str]
"""Path -> text."""


class Target(NamedTuple):
    """What is called, and the paths of the seeds that suit it."""

    run: Callable[[Texts], object]
    suits: Callable[[str], bool]
    alone: bool = True
    """Whether it takes one text, whatever its path."""


def _one(reader: Callable[[str], object]) -> Callable[[Texts], object]:
    return lambda texts: [reader(text) for text in texts.values()]


def _walked(text: str) -> object:
    """All of a stream, as checks look at it."""
    stream = read_yaml("a.yaml", text)
    return [document.root.plain() for document in stream.documents if text.count("*") < 20]


def _configuration(text: str) -> None:
    with contextlib.suppress(ConfigError):
        load_config("devopslint.yaml", text).selecting(None).selection("a/b.yaml")


def _kept(text: str) -> None:
    with contextlib.suppress(ArithmeticError, ImportError, LookupError, RecursionError, TypeError, ValueError):
        plain.read(text.encode("utf-8", "surrogatepass"))


def _regular(text: str) -> None:
    with contextlib.suppress(RegularError):
        regular(text)


def _hcl_expression(text: str) -> None:
    for reader in (parse_expression, parse_template):
        with contextlib.suppress(ExpressionFault):
            reader(text)


def _baseline(text: str) -> None:
    with contextlib.suppress(ConfigError):
        baseline.read("b.json", text)


def _merged(text: str) -> None:
    with contextlib.suppress(MergeError):
        merge([("a.sarif", text), ("b.sarif", _SARIF)])


def _evidence(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.json").write_text(text, "utf-8", "surrogatepass")
        (Path(folder) / "oci").mkdir()
        (Path(folder) / "oci" / "oci-layout").write_text("{}")
        (Path(folder) / "oci" / "index.json").write_text(text, "utf-8", "surrogatepass")
        gather(Path(folder))


def _patterns(text: str) -> None:
    patterns = Gitignore(text.encode("utf-8", "replace"))
    for path in ("a", "a/b.yaml", "k8s/prod/api.yaml", text[:40].strip("/") or "b"):
        patterns.verdict(path, False)


EVERY = Config().selecting(("all",), ("docker-shellcheck", "gha-shellcheck"))  # another program is not fuzzed


def whole(texts: Texts) -> None:
    """A run with every rule: nothing breaks, every place lies in its file, every format says it."""
    settled = check_texts(texts, EVERY)
    for failure in settled.failures:
        raise AssertionError(f"{failure.rule_id} broke: {failure.message}")
    for finding in settled.findings:
        _inside(finding, texts)
    report = Report(
        findings=settled.findings,
        not_checked=settled.not_checked,
        not_known=settled.not_known,
        rules=tuple(entry.rule for entry in catalogue().values()),
        files_seen=len(texts),
        files_checked=len(texts),
        source=lambda path: texts.get(path, ""),
        secrets=settled.hidden,
    )
    for format in FORMATS if len(settled.findings) < 50 else ("text",):
        render(report.at_least(Severity.NOTE), format, show_suppressed=True, statistics=True).encode(
            "utf-8", "backslashreplace"
        )


def _inside(finding: Finding, texts: Texts) -> None:
    for at in (finding.location, *(one.location for one in finding.related)):
        if at.path not in texts:
            continue
        lines = LINE_BREAK.split(texts[at.path])
        assert 1 <= at.line <= at.end_line <= len(lines), f"{finding.rule.id}: {at} lies outside of {len(lines)} lines"
        assert 1 <= at.column <= len(lines[at.line - 1]) + 1, f"{finding.rule.id}: {at} lies outside of its line"
        assert at.end_column <= len(lines[at.end_line - 1]) + 2, f"{finding.rule.id}: {at} ends outside of its line"


TARGETS = {
    "check": Target(whole, lambda path: True, alone=False),
    "configuration": Target(_one(_configuration), lambda path: "devopslint" in path),
    "kept": Target(_one(_kept), lambda path: path.endswith(".kept")),
    "yaml": Target(_one(_walked), lambda path: path.endswith((".yaml", ".yml"))),
    "dockerfile": Target(_one(lambda text: read_dockerfile("Dockerfile", text)), lambda path: "ockerfile" in path),
    "shell": Target(_one(read_commands), lambda path: path.endswith((".sh", "Makefile")) or "ockerfile" in path),
    "makefile": Target(_one(lambda text: read_makefile("Makefile", text)), lambda path: "akefile" in path),
    "jenkinsfile": Target(_one(read_jenkinsfile), lambda path: "enkinsfile" in path),
    "hcl": Target(_one(read_structure), lambda path: path.endswith(".tf")),
    "hcl-json": Target(_one(read_json_structure), lambda path: path.endswith(".json")),
    "hcl-expression": Target(_one(_hcl_expression), lambda path: path.endswith(".tf")),
    "gha-expression": Target(
        _one(lambda text: (expressions(text), condition(text))), lambda path: ".github/workflows" in path
    ),
    "promql": Target(_one(promql.read_query), lambda path: path.endswith(".promql")),
    "go-template": Target(_one(go_template.read_template), lambda path: path.endswith((".tmpl", ".promql"))),
    "re2": Target(_one(lambda text: (re2.fault_of(text), re2.fault_when_anchored(text))), lambda path: True),
    "expression": Target(_one(_regular), lambda path: path.endswith((".tf", ".promql"))),
    "document": Target(
        _one(lambda text: [parts(f"a.{ending}", text) for ending in ("md", "adoc", "rst")]),
        lambda path: path.endswith((".md", ".adoc", ".rst")),
    ),
    "baseline": Target(_one(_baseline), lambda path: path.endswith(".baseline")),
    "merge": Target(_one(_merged), lambda path: path.endswith(".sarif")),
    "evidence": Target(_one(_evidence), lambda path: path.endswith((".sarif", ".evidence"))),
    "diff": Target(
        _one(lambda text: changes._read_diff(text.encode("utf-8", "replace"))), lambda path: path.endswith(".diff")
    ),
    "gitignore": Target(_one(_patterns), lambda path: path.endswith("ignore")),
    "image": Target(_one(ImageReference.parse), lambda path: "ockerfile" in path),
    "schedule": Target(
        _one(lambda text: (times.longest_gap(text), times.hours_of(text))), lambda path: path.endswith(".promql")
    ),
}

_CONFIGURATION = """\
select: [default, hpa-]
ignore: [k8s-latest-tag]
exclude: ["vendor/**"]
fail-on: warning
rules: {hpa-low-minimum: {minimum: 3}}
overrides: [{paths: [dev/**], ignore: [k8s-]}]
allow: [{rule: k8s-root-container, path: "legacy/**", reason: on its way out, until: 2030-01-01}]
attest: [{item: kubernetes.hpa, reason: drilled, until: 2030-01-01}]
helm: [{chart: charts/a, values: [values.yaml], set: {image.tag: "1"}}]
stages: {deploy: {commands: [ship]}}
"""
_SARIF = """{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy", "rules": [{"id": "DS002",
 "properties": {"security-severity": "9.1"}}]}}, "artifacts": [{}], "invocations": [{}],
 "results": [{"ruleId": "DS002", "ruleIndex": 0, "level": "error", "suppressions": [], "message": {"text": "a"},
  "locations": [{"physicalLocation": {"artifactLocation": {"uri": "./a"}, "region": {"startLine": 3}}}]}]}]}
"""
_EVIDENCE = (
    '{"SchemaVersion": 2, "ArtifactName": "a", "Results": [{"Vulnerabilities": [{"Severity": "HIGH"}]}]}',
    '{"matches": [{"vulnerability": {"severity": "High"}}], "descriptor": {"timestamp": "2026-01-01T00:00:00Z"}}',
    '{"totals": {"percent_covered": 91.5}, "files": {}, "meta": {"timestamp": "2026-01-01T00:00:00"}}',
    '[{"Id": "sha256:a", "Size": 123, "RepoTags": ["a:1"]}]',
    '[{"status": "success", "sha": "a", "duration": 60, "created_at": "2026-01-01T00:00:00Z"}]',
    '[{"updatedAt": "2026-01-01T00:00:00Z", "startedAt": "2026-01-01T00:00:00Z", "conclusion": "success"}]',
    '{"layers": [{"size": 999999999, "digest": "sha256:a", "mediaType": "gzip"}], "manifests": [{"digest": "a:b"}]}',
    '{"_type": "x", "predicateType": "https://slsa.dev/provenance/v1", "subject": [{"name": "a"}], "predicate": {}}',
    '<testsuites><testsuite tests="3" failures="0" time="1"><testcase/></testsuite></testsuites>',
    '<coverage line-rate="0.9" timestamp="1700000000"/>',
    '<report name="a"><counter type="LINE" missed="1" covered="9"/></report>',
    "TN:\nSF:a\nLF:10\nLH:9\nend_of_record\n",
    "mode: set\na/b.go:1.1,2.2 3 1\n",
)
_BASELINE = """{"version": 1, "findings": [
 {"path": "a", "rule": "k8s-latest-tag", "subject": "s", "message": "m", "fingerprint": "f", "count": 2,
  "reason": "r", "until": "2030-01-01"}
]}
"""
_DIFF = """diff --git a/a b/b
similarity index 90%
rename from a
rename to "b\\303\\244"
--- a/a
+++ "b/b\\303\\244"
@@ -1,2 +1 @@ x
-a
-b
+c
\\ No newline at end of file
"""
_QUERIES = (
    'sum by (job) (rate(http_requests_total{code=~"5..", job!="x"}[5m])) / on (job) group_left sum(up) > bool 0.5',
    "{{ range $i, $e := .Alerts }}{{ if eq .Status `firing` }}{{ $e.Labels.severity | toUpper }}{{ end }}{{ end }}",
    "*/5 0-6 1,15 * MON",
    r"^(?:a|b{2,3})[[:alpha:]]\d+?$",
)


def seeds(corpus: Path | None) -> Iterator[Texts]:
    """The examples of every rule, a few texts of other languages, and small files of a folder of repositories."""
    yield {"devopslint.yaml": _CONFIGURATION}
    for query in _QUERIES:
        yield {"a.promql": query}
    yield {"a.gitignore": "*.log\n!/keep/**\nbuild/\n[a-z]?\n"}
    sound = check_texts({"pod.yaml": "kind: Pod\nmetadata: {name: a}\n"}, EVERY)
    yield {"a.kept": plain.write((sound.findings, sound.not_checked, datetime.date(2030, 1, 1))).decode()}
    yield {"a.sarif": _SARIF}
    yield {"a.baseline": _BASELINE}
    yield {"a.diff": _DIFF}
    for text in _EVIDENCE:
        yield {"a.evidence": text}
    for entry in catalogue().values():
        for example in (*entry.bad, *entry.good):
            yield dict(example)
    files = sorted(corpus.rglob("*")) if corpus else []
    random.Random(0).shuffle(files)
    for path in files[:4_000]:
        if path.is_file() and not path.is_symlink() and path.stat().st_size < min(20_000, LARGEST):
            text = path.read_bytes().decode("utf-8", "replace")
            name = path.relative_to(corpus or path).as_posix()
            if classify(name, text) is not None:
                yield {name.partition("/")[2] or name: text}
