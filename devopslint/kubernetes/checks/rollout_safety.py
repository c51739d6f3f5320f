"""How careful a progressive delivery is: steps, pauses, what is measured and how strictly, and what follows a failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from devopslint.deferred import compiled
from devopslint.kubernetes.gitops import analysis_templates, canaries, rollouts
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check

_MEASURING = (
    "prometheus",
    "datadog",
    "newRelic",
    "wavefront",
    "cloudWatch",
    "graphite",
    "influxdb",
    "web",
    "skywalking",
)
"""The providers whose results mean nothing without a condition."""
_DURATION = compiled(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, None: 1}
_BOUND = compiled(r"result(?:\[0\])?\s*(<=?|>=?)\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*$")
_ERRORS = compiled(r"error|fail|5xx|non-?[25]xx|success", re.IGNORECASE)
_SUCCESS = compiled(r"success|availab|non-?5xx|non-?error", re.IGNORECASE)
_LATENCY = compiled(r"latenc|duration|response[-_]?time|p9[0-9]", re.IGNORECASE)
_FLAGGER_METRICS = frozenset({"request-success-rate", "request-duration"})


@check("rollout-large-step", each=rollouts)
def large_step(rollout: Manifest, *, maximum: int) -> Iterator[Problem]:
    for before, after in pairwise(_weights(rollout)):
        grown = (whole(after) or 0) - (whole(before) or 0)
        last = whole(after) == 100 and (whole(before) or 0) >= 50  # half of them have met it
        if grown > maximum and not last:
            message = f"Rollout '{rollout.name}' grows by {grown} points at once, more than {maximum}"
            yield Problem(after.location, message)


@check("rollout-shrinking-step", each=rollouts)
def shrinking_step(rollout: Manifest) -> Iterator[Problem]:
    for before, after in pairwise(_weights(rollout)):
        if 0 < (whole(after) or 0) < (whole(before) or 0):
            message = f"Rollout '{rollout.name}' goes from {whole(before)} % back to {whole(after)} %"
            yield Problem(after.location, message)


def _weights(rollout: Manifest) -> list[Node]:
    steps = rollout.spec["strategy"]["canary"]["steps"]
    return [step["setWeight"] for step in steps if whole(step["setWeight"]) is not None]


@check("rollout-step-without-pause", each=rollouts)
def step_without_pause(rollout: Manifest) -> Iterator[Problem]:
    for step, after in pairwise(rollout.spec["strategy"]["canary"]["steps"]):
        weight = step["setWeight"]
        if 0 < (whole(weight) or 0) < 100 and (whole(after["setWeight"]) or 0) > (whole(weight) or 0):
            message = f"Rollout '{rollout.name}' goes on from {whole(weight)} % at once: no pause, no analysis"
            yield Problem(weight.location, message)


@check("rollout-short-pause", each=rollouts)
def short_pause(rollout: Manifest, *, minimum: int) -> Iterator[Problem]:
    for step in rollout.spec["strategy"]["canary"]["steps"]:
        length = seconds(step["pause"]["duration"])
        if length is not None and 0 <= length < minimum:
            text = step["pause"]["duration"].text
            message = f"Rollout '{rollout.name}' pauses for {text}, less than {minimum} s"
            yield Problem(step["pause"]["duration"].location, message)


def seconds(node: Node) -> float | None:
    """A duration such as `10m` or `30`; None for anything else."""
    found = _DURATION.fullmatch(node.text.strip())
    return float(found[1]) * _SECONDS[found[2]] if found else None


@check("rollout-hasty-scale-down", each=rollouts)
def hasty_scale_down(rollout: Manifest, *, minimum: int) -> Iterator[Problem]:
    blue_green = rollout.spec["strategy"]["blueGreen"]
    delay = blue_green["scaleDownDelaySeconds"]
    count = whole(delay)
    if count is not None and count < minimum:
        message = f"Rollout '{rollout.name}' stops the old colour after {count} s, less than {minimum} s"
        yield Problem(delay.location, message)


@check("rollout-hasty-scale-down", each=rollouts)
def hasty_canary_scale_down(rollout: Manifest, *, minimum: int) -> Iterator[Problem]:
    canary = rollout.spec["strategy"]["canary"]
    delay = canary["scaleDownDelaySeconds"]
    count = whole(delay)
    if canary["trafficRouting"].present and count is not None and count < minimum:
        message = f"Rollout '{rollout.name}' stops the old version after {count} s, less than {minimum} s"
        yield Problem(delay.location, message)


@check("rollout-without-preview", each=rollouts)
def without_preview(rollout: Manifest) -> Iterator[Problem]:
    blue_green = rollout.spec["strategy"]["blueGreen"]
    if blue_green["activeService"].text and not blue_green["previewService"].present:
        message = f"Rollout '{rollout.name}' has no previewService: the new colour cannot be asked before it is live"
        yield Problem(blue_green["previewService"].location, message)


@check("rollout-kept-after-abort", each=rollouts)
def kept_after_abort(rollout: Manifest) -> Iterator[Problem]:
    strategy = rollout.spec["strategy"]
    for kind in ("canary", "blueGreen"):
        delay = strategy[kind]["abortScaleDownDelaySeconds"]
        if whole(delay) == 0:
            yield Problem(delay.location, f"Rollout '{rollout.name}' keeps the pods of an aborted version for ever")


@check("rollout-hangs", each=rollouts)
def hangs(rollout: Manifest) -> Iterator[Problem]:
    abort = rollout.spec["progressDeadlineAbort"]
    if rollout.spec["strategy"].present and abort.value is not True:
        message = f"Rollout '{rollout.name}' hangs where its pods do not come up: progressDeadlineAbort is not set"
        yield Problem(abort.location, message)


@check("rollout-unjudged-metric", each=analysis_templates)
def unjudged_metric(template: Manifest) -> Iterator[Problem]:
    for metric in template.spec["metrics"]:
        judged = metric["successCondition"].present or metric["failureCondition"].present
        if not judged and any(metric["provider"][name].present for name in _MEASURING):
            name = metric["name"]
            yield Problem(name.location, f"metric '{name.text}' of {template.label} succeeds whatever it measures")


@check("rollout-unguarded-result", each=analysis_templates)
def unguarded_result(template: Manifest) -> Iterator[Problem]:
    for metric in template.spec["metrics"]:
        query = metric["provider"]["prometheus"]["query"].text
        for field in ("successCondition", "failureCondition"):
            text = metric[field].text
            guarded = re.search(r"len\(|isNaN|default\(|isInf", text) or re.search(
                r"\bor\b.*vector\(|absent", query, re.S
            )
            if query and "result[0]" in text and not guarded:
                message = f"metric '{metric['name'].text}' of {template.label} fails where Prometheus has no sample"
                yield Problem(metric[field].location, message)


@check("rollout-intolerant-metric", each=analysis_templates)
def intolerant_metric(template: Manifest) -> Iterator[Problem]:
    for metric in template.spec["metrics"]:
        limit = metric["failureLimit"]
        repeated = metric["interval"].present and whole(metric["count"]) != 1
        if repeated and not limit.present and any(metric["provider"][name].present for name in _MEASURING):
            message = f"metric '{metric['name'].text}' of {template.label} ends the rollout by one bad sample: no failureLimit"
            yield Problem(limit.location, message)


@check("rollout-loose-threshold", each=analysis_templates)
def loose_threshold(template: Manifest, *, errors: float, latency: float) -> Iterator[Problem]:
    for metric in template.spec["metrics"]:
        name = metric["name"].text
        found = _BOUND.search(metric["successCondition"].text.strip())
        if found is None:
            continue
        bound = float(found[2])
        below = found[1].startswith("<")
        if _LATENCY.search(name) and below:
            milliseconds = bound * 1000 if bound < 30 else bound
            if milliseconds > latency:
                message = f"metric '{name}' of {template.label} lets {milliseconds:g} ms pass, more than {latency:g} ms"
                yield Problem(metric["successCondition"].location, message)
        elif _ERRORS.search(name):
            good = _SUCCESS.search(name) is not None
            if good == below or bound in (0, 100):
                continue
            percent = bound * 100 if bound <= 1 else bound
            share = 100 - percent if good else percent
            if 0 <= share <= 100 and share > errors:
                message = f"metric '{name}' of {template.label} lets {share:g} % of errors pass, more than {errors:g} %"
                yield Problem(metric["successCondition"].location, message)


@check("rollout-loose-threshold", each=canaries)
def loose_canary_threshold(canary: Manifest, *, errors: float, latency: float) -> Iterator[Problem]:
    for metric in _flagger_analysis(canary)["metrics"]:
        lowest, highest = metric["thresholdRange"]["min"], metric["thresholdRange"]["max"]
        older = metric["threshold"]
        if metric["name"].text == "request-success-rate":
            place = lowest if lowest.present else older
            if type(place.value) in (int, float) and 100 - place.value > errors:
                share = f"{100 - place.value:g}"
                message = f"Canary '{canary.name}' lets {share} % of errors pass, more than {errors:g} %"
                yield Problem(place.location, message)
        elif metric["name"].text == "request-duration":
            place = highest if highest.present else older
            if type(place.value) in (int, float) and place.value > latency:
                message = f"Canary '{canary.name}' lets {place.value:g} ms pass, more than {latency:g} ms"
                yield Problem(place.location, message)


@check("rollout-skipped-analysis", each=canaries)
def skipped_analysis(canary: Manifest) -> Iterator[Problem]:
    skip = canary.spec["skipAnalysis"]
    if skip.value is True:
        yield Problem(skip.location, f"Canary '{canary.name}' takes every new version as it is: skipAnalysis is set")


@check("rollout-unknown-metric", each=canaries)
def unknown_metric(canary: Manifest) -> Iterator[Problem]:
    for metric in _flagger_analysis(canary)["metrics"]:
        name = metric["name"]
        known = name.text in _FLAGGER_METRICS or metric["templateRef"].present or metric["query"].present
        if name.text and not known and "$" not in name.text:
            message = f"Canary '{canary.name}' measures '{name.text}', which Flagger does not have: no templateRef"
            yield Problem(name.location, message)


@check("rollout-without-threshold", each=canaries)
def without_threshold(canary: Manifest) -> Iterator[Problem]:
    analysis = _flagger_analysis(canary)
    if analysis.present and not analysis["threshold"].present:
        message = f"Canary '{canary.name}' is undone by the first failed check: no threshold"
        yield Problem(analysis["threshold"].location, message)
    for metric in analysis["metrics"]:
        bounds = metric["thresholdRange"]
        bounded = bounds["min"].present or bounds["max"].present or metric["threshold"].present
        if not bounded and metric["name"].text:
            message = (
                f"Canary '{canary.name}' measures '{metric['name'].text}' without a threshold: whatever it is will do"
            )
            yield Problem(metric["name"].location, message)


@check("rollout-low-canary-maximum", each=canaries)
def low_canary_maximum(canary: Manifest, *, minimum: int) -> Iterator[Problem]:
    most = _flagger_analysis(canary)["maxWeight"]
    count = whole(most)
    if count is not None and count < minimum:
        message = f"Canary '{canary.name}' is promoted from {count} % on, less than {minimum} %"
        yield Problem(most.location, message)


def _flagger_analysis(canary: Manifest) -> Node:
    older = canary.spec["canaryAnalysis"]
    return older if older.present else canary.spec["analysis"]
