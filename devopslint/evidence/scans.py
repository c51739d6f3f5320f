"""What scanners found in an image: reports of Trivy and Grype, SARIF of any scanner of vulnerabilities, CycloneDX."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from typing import Any

from devopslint.config import EvidenceLimits
from devopslint.evidence import sizes
from devopslint.evidence.model import Evidence, NotEvidence
from devopslint.evidence.reading import day, listed, text

_ITEMS = ("containerization.vulnerability", "security.scan")
_SCANNERS = (
    "trivy",
    "grype",
    "snyk",
    "clair",
    "anchore",
    "docker scout",
    "dockerscout",
    "prisma",
    "aqua",
    "neuvector",
    "osv-scanner",
)
_CRITICAL, _HIGH = 9.0, 7.0  # GitHub's bounds for security-severity, which are CVSS'


def trivy(data: dict[str, Any], written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """The JSON of `trivy image --format json`: ArtifactName, Results[].Vulnerabilities[].Severity, Metadata.Size."""
    found: Counter[str] = Counter()
    for result in listed(data.get("Results")):
        for one in listed(result.get("Vulnerabilities")):
            found[text(one.get("Severity")).lower()] += 1
    image = data.get("ArtifactType", "container_image") == "container_image"
    name, taken = text(data.get("ArtifactName")), day(data.get("CreatedAt")) or written
    yield from _answers(name, found, taken, image)
    if image:
        yield from sizes.measured(name, (data.get("Metadata") or {}).get("Size"), taken, limits)


def grype(data: dict[str, Any], written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """The JSON of `grype -o json`: matches[].vulnerability.severity, source.target.imageSize, descriptor.timestamp."""
    found = Counter(
        text((match.get("vulnerability") or {}).get("severity")).lower() for match in listed(data["matches"])
    )
    source: dict[str, Any] = data.get("source") or {}
    target = source.get("target")
    name = text(target.get("userInput")) if isinstance(target, dict) else text(target)
    taken = day((data.get("descriptor") or {}).get("timestamp")) or written
    image = source.get("type", "image") == "image"
    yield from _answers(name, found, taken, image)
    if image and isinstance(target, dict):
        yield from sizes.measured(name, target.get("imageSize"), taken, limits)


def sarif(data: dict[str, Any], written: datetime.date) -> Iterator[Evidence]:
    """SARIF 2.1.0 of a scanner of vulnerabilities: severities from `security-severity` of its rules."""
    seen = False
    for run in listed(data.get("runs")):
        driver = (run.get("tool") or {}).get("driver") or {}
        if not any(name in text(driver.get("name")).lower() for name in _SCANNERS):
            continue
        seen = True
        scores = {text(rule.get("id")): _score(rule) for rule in listed(driver.get("rules"))}
        found: Counter[str] = Counter()
        for result in listed(run.get("results")):
            if result.get("suppressions"):
                continue
            score = scores.get(text(result.get("ruleId")))
            if score is None:
                score = _HIGH if result.get("level") == "error" else 0.0
            found["critical" if score >= _CRITICAL else "high" if score >= _HIGH else "low"] += 1
        named = text((run.get("properties") or {}).get("imageName")) or text(driver.get("name"))
        yield from _answers(named, found, written, _is_of_image(run, text(driver.get("name")).lower()))
    if not seen:
        raise NotEvidence("its tools look for no vulnerabilities of images")


def _is_of_image(run: dict[str, Any], scanner: str) -> bool:
    """Whether an image was scanned, and not a folder or a lock file, which the same programs scan too.

    Trivy 0.74 names the image beside its results, and always writes where paths begin; Grype 0.121 writes the digest of
    the layer to each place in an image, and nothing of what it scanned where it found nothing.
    """
    if "trivy" in scanner:
        return "originalUriBaseIds" not in run or "imageName" in (run.get("properties") or {})
    if "grype" in scanner:
        places = (place for result in listed(run.get("results")) for place in listed(result.get("locations")))
        return any(
            "@sha256:" in text(one.get("fullyQualifiedName"))
            for place in places
            for one in listed(place.get("logicalLocations"))
        )
    return not any(one in scanner for one in ("open source", "osv-scanner"))


def cyclonedx(data: dict[str, Any], written: datetime.date) -> Iterator[Evidence]:
    """CycloneDX with vulnerabilities: vulnerabilities[].ratings[].severity; metadata.component is what was scanned."""
    metadata: dict[str, Any] = data.get("metadata") or {}
    tools = metadata.get("tools")
    by = listed(tools.get("components") if isinstance(tools, dict) else tools)
    # Grype 0.121 leaves the key out where it found nothing, and makes no list of components without looking.
    if "vulnerabilities" not in data and not any(text(one.get("name")) == "grype" for one in by):
        raise NotEvidence("lists components, and says nothing of their vulnerabilities")
    ranks = ("critical", "high", "medium", "low")
    found: Counter[str] = Counter()
    for one in listed(data.get("vulnerabilities")):
        if text((one.get("analysis") or {}).get("state")) in ("not_affected", "false_positive", "resolved"):
            continue
        rated = {text(rating.get("severity")).lower() for rating in listed(one.get("ratings"))}
        found[next((rank for rank in ranks if rank in rated), "unknown")] += 1
    component: dict[str, Any] = metadata.get("component") or {}
    taken = day(metadata.get("timestamp")) or written
    yield from _answers(text(component.get("name")), found, taken, component.get("type") == "container")


def _score(rule: dict[str, Any]) -> float | None:
    try:
        return float((rule.get("properties") or {})["security-severity"])
    except (KeyError, TypeError, ValueError):
        return None


def _answers(name: str, found: Counter[str], taken: datetime.date, image: bool) -> Iterator[Evidence]:
    bad = found["critical"] + found["high"]
    said = (
        f"{found['critical']} critical and {found['high']} high vulnerabilities"
        if bad
        else "no critical and no high vulnerability"
    )
    for item in _ITEMS if image else _ITEMS[1:]:
        yield Evidence(item, not bad, f"{said} in {name or 'what was scanned'}", name, taken)
