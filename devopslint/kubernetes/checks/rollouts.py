"""Whether the controllers of progressive delivery take an object: Argo's Rollouts and AnalysisTemplates, as they say it themselves."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.gitops import analysis_templates, rollouts
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.quantity import is_duration, percentage, whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check

_STEPS = (
    "setWeight",
    "pause",
    "experiment",
    "analysis",
    "setCanaryScale",
    "setHeaderRoute",
    "setMirrorRoute",
    "plugin",
    "replicaProgressThreshold",
)
_ALONE = _STEPS[:4]
"""Of these, no step takes two."""
_WEIGHING = ("alb", "smi", "istio", "plugins")
"""The routers that give a share to the pods of an experiment."""
_SERVICED = ("smi", "apisix", "ambassador", "nginx", "appMesh", "traefik")
"""The routers that send by Service, whatever else is set."""
_PODS_FIELD = compiled(r"metadata\.(?:name|namespace|uid|labels|annotations)\b")
_PROGRESS_DEADLINE = 600
_REVISIONS = 10


@check("rollout-invalid", each=rollouts)
def invalid(rollout: Manifest) -> Iterator[Problem]:
    spec = rollout.spec
    for place, fault in (*_of_template(spec), *_of_strategy(spec)):
        yield Problem(place.location, f"{rollout.label} {fault}")


Fault = tuple[Node, str]


def _of_template(spec: Node) -> Iterator[Fault]:
    selector, template, owner = spec["selector"], spec["template"], spec["workloadRef"]
    for field in ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        if (whole(spec[field]) or 0) < 0:
            yield spec[field], f"has {whole(spec[field])} for {field}, less than 0"
    if not owner.present and not selector.present:
        yield selector, "has neither a selector nor a workloadRef"
    elif not owner.present and not len(selector["matchLabels"].items()) and not len(selector["matchExpressions"]):
        yield selector, "has an empty selector"
    if owner.present and template.is_mapping and template.items():
        yield template, "has a template beside its workloadRef"
    if template.present and not owner.present and not len(template["spec"]["containers"]):
        yield template["spec"]["containers"], "has no container"
    if template["spec"]["restartPolicy"].text not in ("", "Always"):
        yield template["spec"]["restartPolicy"], "restarts its pods by another policy than Always"
    deadline, ready = spec["progressDeadlineSeconds"], whole(spec["minReadySeconds"]) or 0
    seconds = whole(deadline)
    if (_PROGRESS_DEADLINE if seconds is None else seconds) <= ready and ready > 0:
        place = deadline if deadline.present else spec["minReadySeconds"]
        yield place, f"gives up after {seconds or _PROGRESS_DEADLINE} s, no later than its pods count as available"


def _of_strategy(spec: Node) -> Iterator[Fault]:
    blue_green, canary = spec["strategy"]["blueGreen"], spec["strategy"]["canary"]
    if blue_green.present and canary.present:
        yield canary, "has two strategies, canary and blueGreen"
    elif blue_green.present:
        yield from _of_blue_green(spec, blue_green)
    elif canary.present:
        yield from _of_canary(canary)
    else:
        yield spec["strategy"]["canary"], "has no strategy: neither canary nor blueGreen"


def _of_blue_green(spec: Node, blue_green: Node) -> Iterator[Fault]:
    active, preview = blue_green["activeService"], blue_green["previewService"]
    if not active.text:
        yield active, "names no activeService"
    elif active.text == preview.text:
        yield preview, f"uses Service '{active.text}' for both colours"
    kept, limit = blue_green["scaleDownDelayRevisionLimit"], whole(spec["revisionHistoryLimit"])
    if (whole(kept) or 0) > (_REVISIONS if limit is None else limit):
        yield kept, f"keeps {whole(kept)} old versions running, more than revisionHistoryLimit"
    yield from _of_anti_affinity(blue_green["antiAffinity"])


def _of_canary(canary: Node) -> Iterator[Fault]:
    traffic = canary["trafficRouting"]
    yield from _of_pace(canary)
    yield from _of_services(canary, traffic)
    yield from _of_scale(canary, traffic)
    for step in canary["steps"]:
        yield from _of_step(step, canary, traffic)
    yield from _of_anti_affinity(canary["antiAffinity"])


def _of_pace(canary: Node) -> Iterator[Fault]:
    surge, unavailable = canary["maxSurge"], canary["maxUnavailable"]
    if _is_zero(surge) and _is_zero(unavailable):
        yield surge, "can never replace a pod: maxSurge and maxUnavailable are both 0"


def _is_zero(node: Node) -> bool:
    return node.present and (whole(node) == 0 or percentage(node) == 0 or node.text == "0")


def _of_services(canary: Node, traffic: Node) -> Iterator[Fault]:
    stable, new, pair = canary["stableService"], canary["canaryService"], canary["pingPong"]
    if stable.text and stable.text == new.text:
        yield new, f"uses Service '{stable.text}' for its canary and for what is stable"
    if pair.present:
        ping, pong = pair["pingService"], pair["pongService"]
        for service in (ping, pong):
            if not service.text:
                yield service, "names no pingService or no pongService"
        if ping.text and ping.text == pong.text:
            yield pong, f"uses Service '{ping.text}' as ping and as pong"
        if traffic.present and not any(traffic[router].present for router in ("alb", "istio", "plugins")):
            yield pair, "has pingPong, which only ALB, Istio and plugins support"
        if traffic["alb"].present and not traffic["alb"]["rootService"].text:
            yield traffic["alb"]["rootService"], "has pingPong with ALB and names no rootService"
    if _needs_services(traffic, pair):
        for service, name in ((stable, "stableService"), (new, "canaryService")):
            if not service.text:
                yield service, f"routes traffic and names no {name}"


def _needs_services(traffic: Node, pair: Node) -> bool:
    by_host = traffic["istio"].present and not traffic["istio"]["destinationRule"].present
    return any(traffic[router].present for router in _SERVICED) or (
        not pair.present and (traffic["alb"].present or by_host)
    )


def _of_scale(canary: Node, traffic: Node) -> Iterator[Fault]:
    delay, dynamic = canary["scaleDownDelaySeconds"], canary["dynamicStableScale"]
    if not traffic.present:
        if delay.present:
            yield delay, "has scaleDownDelaySeconds, which means nothing without trafficRouting"
        if dynamic.value is True:
            yield dynamic, "has dynamicStableScale, which means nothing without trafficRouting"
    elif delay.present and dynamic.value is True:
        yield dynamic, "has dynamicStableScale and scaleDownDelaySeconds, which exclude each other"
    if traffic["maxTrafficWeight"].present and not traffic["nginx"].present and not len(traffic["plugins"].items()):
        yield traffic["maxTrafficWeight"], "has maxTrafficWeight, which only nginx and plugins support"
    nginx, alb, istio = traffic["nginx"], traffic["alb"], traffic["istio"]
    for router, one, several in (
        (nginx, "stableIngress", "stableIngresses"),
        (alb, "ingress", "ingresses"),
        (istio, "virtualService", "virtualServices"),
    ):
        if router.present and router[one].present == bool(len(router[several])):
            both = "both" if router[one].present else "neither"
            yield router, f"has {both} of {one} and {several}: one of them is wanted"


def _of_step(step: Node, canary: Node, traffic: Node) -> Iterator[Fault]:
    kinds = [kind for kind in _ALONE if step[kind].present]
    if not any(step[kind].present for kind in _STEPS):
        yield step, "has a step that does nothing"
    elif len(kinds) > 1:
        yield step[kinds[1]], f"has a step with both {kinds[0]} and {kinds[1]}: they are two steps"
    weight = step["setWeight"]
    share, highest = whole(weight), whole(traffic["maxTrafficWeight"]) or 100
    if share is not None and not 0 <= share <= highest:
        yield weight, f"sets a weight of {share}, which is not between 0 and {highest}"
    pause = step["pause"]["duration"]
    if pause.text.startswith("-"):
        yield pause, f"pauses for {pause.text}, less than nothing"
    elif not pause.text.isdecimal():
        yield from _of_duration(pause, "for a pause")
    if step["setCanaryScale"].present and not traffic.present:
        yield step["setCanaryScale"], "sets the canary's scale without trafficRouting"
    yield from _of_routes(step, traffic)
    for template in step["experiment"]["templates"]:
        if template["weight"].present and not any(traffic[router].present for router in _WEIGHING):
            where = "with this router" if traffic.present else "without trafficRouting"
            yield template["weight"], f"gives its experiment a share of the traffic, which {where} it cannot have"
    arguments = [*step["analysis"]["args"], *(a for one in step["experiment"]["analyses"] for a in one["args"])]
    for argument in arguments:
        path = argument["valueFrom"]["fieldRef"]["fieldPath"]
        if path.text.startswith("metadata") and not _PODS_FIELD.match(path.text):
            yield path, f"takes an argument from '{path.text}', which no pod can be asked for"


def _of_duration(node: Node, what: str) -> Iterator[Fault]:
    if isinstance(node.value, str) and node.text and not is_duration(node.text) and not stands_in(node.text):
        yield node, f"has '{node.text}' {what}, which is no duration: it is written like 90s or 1h30m"


def _of_routes(step: Node, traffic: Node) -> Iterator[Fault]:
    managed = {route["name"].text for route in traffic["managedRoutes"]}
    for kind, routers in (
        ("setHeaderRoute", ("istio", "alb", "apisix", "plugins")),
        ("setMirrorRoute", ("istio", "plugins")),
    ):
        route = step[kind]
        if not route.present:
            continue
        if not any(traffic[router].present for router in routers):
            yield route, f"has a {kind}, which only {', '.join(routers)} support"
        if traffic.present and route["name"].text not in managed:
            yield route["name"], f"sets route '{route['name'].text}', which managedRoutes does not have"
        fields = ("headerValue",) if kind == "setHeaderRoute" else ("method", "path")
        for match in route["match"]:
            for field in fields:
                wanted = match[field]
                said = [form for form in ("exact", "regex", "prefix") if wanted[form].text]
                if (wanted.present or kind == "setHeaderRoute") and len(said) != 1:
                    yield wanted, f"matches {field} by {len(said)} of exact, regex and prefix: one is wanted"
                elif said and said != ["exact"] and traffic["alb"].present and kind == "setHeaderRoute":
                    yield wanted[said[0]], f"matches a header by {said[0]}, where ALB knows only exact"


def _of_anti_affinity(anti_affinity: Node) -> Iterator[Fault]:
    preferred = anti_affinity["preferredDuringSchedulingIgnoredDuringExecution"]
    required = anti_affinity["requiredDuringSchedulingIgnoredDuringExecution"]
    if anti_affinity.present and preferred.present == required.present:
        yield anti_affinity, f"has {'both' if preferred.present else 'neither'} kind of antiAffinity: one is wanted"
    weight = whole(preferred["weight"])
    if preferred.present and not 1 <= (weight or 0) <= 100:
        yield preferred["weight"], f"has an antiAffinity weight of {weight or 0}, which is not between 1 and 100"


@check("rollout-invalid-analysis", each=analysis_templates)
def invalid_analysis(template: Manifest) -> Iterator[Problem]:
    metrics = template.spec["metrics"]
    seen: set[str] = set()
    if not len(metrics) and not len(template.spec["templates"]):
        yield Problem(metrics.location, f"{template.label} has no metric")
    for metric in metrics:
        name = metric["name"].text
        for place, fault in _of_metric(metric):
            yield Problem(place.location, f"metric '{name}' of {template.label} {fault}")
        if name in seen:
            yield Problem(metric["name"].location, f"{template.label} has metric '{name}' twice")
        seen.add(name)


def _of_metric(metric: Node) -> Iterator[Fault]:
    count, interval = whole(metric["count"]) or 0, metric["interval"]
    failures = whole(metric["failureLimit"]) or 0
    successes = whole(metric["consecutiveSuccessLimit"]) or 0
    inconclusive = whole(metric["inconclusiveLimit"]) or 0
    if not metric["provider"].items():
        yield metric["provider"], "has no provider"
    elif len(metric["provider"].items()) > 1:
        yield metric["provider"], "has several providers"
    if failures < -1:
        yield metric["failureLimit"], f"has a failureLimit of {failures}, less than -1"
    if successes == 0 and failures == -1:
        yield metric["failureLimit"], "never ends: failureLimit is -1 and consecutiveSuccessLimit is not set"
    if count > 0 and failures >= 0 and count < failures + successes:
        yield metric["count"], f"is measured {count} times, fewer than failureLimit and consecutiveSuccessLimit"
    if count > 0 and count < inconclusive:
        yield metric["count"], f"is measured {count} times, fewer than inconclusiveLimit"
    yield from _of_duration(interval, "for an interval")
    yield from _of_duration(metric["initialDelay"], "for an initialDelay")
    if count > 1 and not interval.present:
        yield interval, f"is measured {count} times at no interval"
