"""What Prometheus itself is told: what to scrape, which rules to read, where to send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.kubernetes.unapplied import tests_around
from devopslint.model import Location
from devopslint.monitoring.configuration import (
    CLIENT,
    Complaint,
    Configuration,
    Validator,
    among,
    exclusive,
    given,
    http_client,
    one_of,
    open_value,
    required,
    url_refused,
)
from devopslint.monitoring.durations import DurationError, seconds_of
from devopslint.monitoring.summaries import ScrapeInterval
from devopslint.readers.yaml import Node, Sequence
from devopslint.readers.yaml_dialects import GO, Dialect
from devopslint.readers.yaml_file import YamlFile

_RULE_PATH = compiled(r"[^*]*(\*[^/]*)?\Z")
_FILE_PATH = compiled(r"[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)\Z")
_LEGACY_LABEL = compiled(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_LEGACY_TARGET = compiled(r"(?:[a-zA-Z_]|\$(?:\{\w+\}|\w))(?:\w|\$(?:\{\w+\}|\w))*\Z")
_PROTOCOLS = (
    "PrometheusProto",
    "PrometheusText0.0.4",
    "PrometheusText1.0.0",
    "OpenMetricsText0.0.1",
    "OpenMetricsText1.0.0",
    "OpenMetricsText2.0.0",
)
_RESERVED_HEADERS = frozenset(
    (
        "host",
        "content-encoding",
        "content-length",
        "content-type",
        "user-agent",
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "www-authenticate",
        "accept-encoding",
        "x-prometheus-remote-write-version",
        "x-prometheus-remote-read-version",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
    )
)
_ESCAPING = ("allow-utf-8", "underscores", "dots", "values")
_ACTIONS = (
    "replace",
    "keep",
    "drop",
    "keepequal",
    "dropequal",
    "hashmod",
    "labelmap",
    "labeldrop",
    "labelkeep",
    "lowercase",
    "uppercase",
)
_WITH_TARGET = ("replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal")
_SELECTORS = {
    "pod": ("pod", "node"),
    "service": ("service",),
    "endpointslice": ("pod", "service", "endpointslice"),
    "endpoints": ("pod", "service", "endpoints"),
    "node": ("node",),
    "ingress": ("ingress",),
}
_CLIENT_KEYS = (
    "basic_auth",
    "authorization",
    "oauth2",
    "bearer_token",
    "bearer_token_file",
    "tls_config",
    "proxy_url",
    "no_proxy",
    "proxy_from_environment",
    "http_headers",
)


def _duration(node: Node) -> float | None:
    try:
        return seconds_of(node.text) if node.text else None
    except DurationError:
        return None


def _config(node: Node) -> Iterator[Complaint]:
    for key in ("rule_files", "scrape_config_files"):
        for path in node[key].strings():
            if not _RULE_PATH.match(path.text) and not open_value(path):
                yield Complaint(path.location, f"the path '{path.text}' has a '*' before its last part")
    legacy = node["global"]["metric_name_validation_scheme"].text == "legacy"
    yield from _nulls(node["scrape_configs"], "a scrape configuration")
    for key in ("remote_write", "remote_read"):
        yield from _nulls(node[key], f"an entry of '{key}'")
        yield from _twice(node[key], "name")
    jobs: dict[str, Node] = {}
    for job in node["scrape_configs"]:
        name = job["job_name"]
        if name.text and name.text in jobs:
            first = jobs[name.text].line
            said = f"job '{name.text}' is there twice, first in line {first}"
            yield Complaint(name.location, said, "job")
        jobs.setdefault(name.text, name)
        yield from _job_in(job, node["global"], legacy)
    for manager in node["alerting"]["alertmanagers"]:
        for field in ("relabel_configs", "alert_relabel_configs"):
            yield from _relabelled(manager[field], legacy)
    yield from _relabelled(node["alerting"]["alert_relabel_configs"], legacy)
    for target in node["remote_write"]:
        yield from _relabelled(target["write_relabel_configs"], legacy)
    strategy = node["otlp"]["translation_strategy"]
    known = ("UnderscoreEscapingWithSuffixes", "UnderscoreEscapingWithoutSuffixes")
    if strategy.text in ("NoTranslation", "NoUTF8EscapingWithSuffixes"):
        if legacy:
            yield Complaint(strategy.location, f"'{strategy.text}' stands beside the legacy scheme of names")
    elif strategy.text and strategy.text not in known and not open_value(strategy):
        yield Complaint(strategy.location, f"'{strategy.text}' is no strategy of translation")


def _nulls(node: Node, said: str) -> Iterator[Complaint]:
    for one in node:
        if one.is_scalar and not one.present:
            at = one.location if one.text else node.key_location
            yield Complaint(at, f"{said} is empty")


def _twice(node: Node, key: str) -> Iterator[Complaint]:
    seen: set[str] = set()
    for one in node:
        name = one[key]
        if name.text and name.text in seen:
            yield Complaint(name.location, f"'{name.text}' is there twice")
        seen.add(name.text)


def _job_in(job: Node, general: Node, legacy: bool) -> Iterator[Complaint]:
    interval = _duration(job["scrape_interval"]) or _duration(general["scrape_interval"]) or 60.0
    timeout = _duration(job["scrape_timeout"])
    if timeout is not None and timeout > interval:
        at = job["scrape_timeout"].location
        yield Complaint(at, f"the timeout of {timeout:g}s is longer than the interval of {interval:g}s", "timeout")
    own = job["metric_name_validation_scheme"].text
    legacy = own == "legacy" if own in ("legacy", "utf8") else legacy
    escaping = job["metric_name_escaping_scheme"]
    if not escaping.text and own not in ("legacy", "utf8"):
        escaping = general["metric_name_escaping_scheme"]
    if escaping.text == "allow-utf-8" and legacy:
        yield Complaint(escaping.location, "names of UTF-8 are asked for beside the legacy scheme of names")
    for field in ("relabel_configs", "metric_relabel_configs"):
        yield from _relabelled(job[field], legacy)


def _global(node: Node) -> Iterator[Complaint]:
    interval, timeout = _duration(node["scrape_interval"]) or 60.0, _duration(node["scrape_timeout"])
    if timeout is not None and timeout > interval:
        at = node["scrape_timeout"].location
        yield Complaint(at, f"the timeout of {timeout:g}s is longer than the interval of {interval:g}s", "timeout")
    yield from among(node, "metric_name_validation_scheme", "legacy", "utf8", default="")
    yield from among(node, "metric_name_escaping_scheme", *_ESCAPING, default="")
    yield from _protocols(node)
    for key, value in node["external_labels"].items():
        if key.tag == "tag:yaml.org,2002:binary" or value.tag == "tag:yaml.org,2002:binary":
            yield Complaint(key.location, "an external label is binary")
        elif not key.text:
            yield Complaint(key.location, "the name of an external label is empty")


def _protocols(node: Node) -> Iterator[Complaint]:
    protocols = node["scrape_protocols"]
    if isinstance(protocols, Sequence) and not len(protocols):
        yield Complaint(protocols.key_location, "'scrape_protocols' is empty")
    seen: set[str] = set()
    for one in protocols.strings():
        if one.text not in _PROTOCOLS:
            yield Complaint(one.location, f"'{one.text}' is no protocol of scraping")
        elif one.text in seen:
            yield Complaint(one.location, f"'{one.text}' is there twice")
        seen.add(one.text)


def _job(node: Node) -> Iterator[Complaint]:
    yield from required(node, "job_name")
    yield from http_client(node)
    yield from _protocols(node)
    yield from among(node, "fallback_scrape_protocol", *_PROTOCOLS, default="")
    yield from among(node, "metric_name_validation_scheme", "legacy", "utf8", default="")
    yield from among(node, "metric_name_escaping_scheme", *_ESCAPING, default="")
    if not len(node["relabel_configs"]):
        yield from _addresses(node)


def _addresses(node: Node) -> Iterator[Complaint]:
    for group in node["static_configs"]:
        if group.is_scalar and not group.present:
            yield Complaint(node["static_configs"].key_location, "an entry of 'static_configs' is empty")
        for target in group["targets"].strings():
            if "/" in target.text and not open_value(target):
                yield Complaint(target.location, f"the target '{target.text}' is more than a host and a port")


def _alertmanager(node: Node) -> Iterator[Complaint]:
    yield from http_client(node)
    yield from among(node, "api_version", "v2", default="")
    if node["sigv4"].present:
        for key in ("basic_auth", "authorization", "oauth2"):
            if node[key].present:
                yield from exclusive(node, key, "sigv4")
    if not len(node["relabel_configs"]):
        yield from _addresses(node)


def _alerting(node: Node) -> Iterator[Complaint]:
    yield from _nulls(node["alertmanagers"], "an entry of 'alertmanagers'")


def _relabelled(rules: Node, legacy: bool) -> Iterator[Complaint]:
    yield from _nulls(rules, "a rule of relabelling")
    for rule in rules:
        if rule.is_mapping:
            yield from _relabel(rule, legacy)


def _relabel(rule: Node, legacy: bool) -> Iterator[Complaint]:
    action = rule["action"].text.lower() or "replace"
    target, replacement = rule["target_label"], rule["replacement"]
    if action not in _ACTIONS:
        if not open_value(rule["action"]):
            yield Complaint(rule["action"].location, f"'{action}' is no action of relabelling")
        return
    at = rule["action"].location if rule["action"].exists else rule.location
    if action == "hashmod" and not rule["modulus"].text:
        yield Complaint(at, "hashmod has no modulus")
    if action in _WITH_TARGET and not target.text:
        yield Complaint(at, f"{action} has no target_label")
        return
    if action in _WITH_TARGET and legacy and not open_value(target):
        pattern = _LEGACY_TARGET if action == "replace" and "$" in target.text else _LEGACY_LABEL
        if not pattern.match(target.text):
            yield Complaint(target.location, f"'{target.text}' is no label of the legacy scheme of names")
    if action == "labelmap" and replacement.exists:
        wrong = replacement.tag == "tag:yaml.org,2002:binary" or (legacy and not _LEGACY_TARGET.match(replacement.text))
        if wrong or not replacement.text:
            yield Complaint(replacement.location, f"'{replacement.text}' is no label that labelmap can make")
    if action in ("lowercase", "uppercase", "keepequal", "dropequal") and replacement.text not in ("", "$1"):
        yield Complaint(replacement.location, f"{action} takes no replacement")
    if action in ("keepequal", "dropequal"):
        yield from _alone(rule, action, ("source_labels", "target_label", "action", "replacement"))
    if action in ("labeldrop", "labelkeep"):
        yield from _alone(rule, action, ("regex", "action"))


_DEFAULTS = {"regex": ("(.*)",), "modulus": ("0",), "separator": (";",), "replacement": ("$1",)}


def _alone(rule: Node, action: str, allowed: tuple[str, ...]) -> Iterator[Complaint]:
    for key, value in rule.items():
        if key.text in allowed or (value.is_scalar and (not value.text or value.text in _DEFAULTS.get(key.text, ()))):
            continue
        yield Complaint(key.location, f"{action} takes no '{key.text}'")


def _headers(node: Node, bearer: str) -> Iterator[Complaint]:
    for key in [key for key, _ in node["headers"].items()]:
        if key.text.lower() == "authorization":
            yield Complaint(key.location, f"the header 'authorization' is set by {bearer}")
        elif key.text.lower() in _RESERVED_HEADERS:
            yield Complaint(key.location, f"the header '{key.text}' is Prometheus' own")


def _remote_write(node: Node) -> Iterator[Complaint]:
    yield from required(node, "url")
    yield from _headers(node, "basic_auth, authorization or oauth2")
    yield from http_client(node)
    known = ("prometheus.WriteRequest", "io.prometheus.write.v2.Request")
    yield from among(node, "protobuf_message", *known, default="")
    ways = [
        key for key in ("basic_auth", "authorization", "oauth2", "sigv4", "azuread", "google_iam") if node[key].exists
    ]
    if len([key for key in ways if node[key].present]) > 1 and {"sigv4", "azuread", "google_iam"} & set(ways):
        yield from exclusive(node, *ways)


def _remote_read(node: Node) -> Iterator[Complaint]:
    yield from required(node, "url")
    yield from _headers(node, "basic_auth, authorization or oauth2")
    yield from http_client(node)


def _queue(node: Node) -> Iterator[Complaint]:
    defaults = {"max_shards": 50, "min_shards": 1, "max_samples_per_send": 2000, "capacity": 10000}
    numbers = {}
    for key, default in defaults.items():
        value = node[key].value
        numbers[key] = value if isinstance(value, int) else default
        if numbers[key] <= 0:
            yield Complaint(node[key].location, f"'{key}' is not positive: {numbers[key]}")
    if numbers["min_shards"] > numbers["max_shards"] > 0:
        at = node["min_shards" if node["min_shards"].present else "max_shards"]
        yield Complaint(at.location, f"'min_shards' is more than 'max_shards', {numbers['max_shards']}")
    least, most = _duration(node["min_backoff"]), _duration(node["max_backoff"])
    if (most if most is not None else 5.0) < (least if least is not None else 0.03):
        at = node["max_backoff" if node["max_backoff"].present else "min_backoff"]
        yield Complaint(at.location, "'max_backoff' is less than 'min_backoff'")


def _tracing(node: Node) -> Iterator[Complaint]:
    yield from required(node, "endpoint")
    yield from among(node, "client_type", "http", "grpc", default="")
    yield from among(node, "compression", "gzip", default="")
    yield from _headers(node, "nothing yet")


def _retention(node: Node) -> Iterator[Complaint]:
    value = node["percentage"].value
    if isinstance(value, int | float) and not 0 <= value <= 100:
        yield Complaint(node["percentage"].location, f"'percentage' is none: {value}")


def _encoding(node: Node) -> Iterator[Complaint]:
    yield from among(node, "floats", "xor", "xor2", default="")


def _otlp(node: Node) -> Iterator[Complaint]:
    promoted, ignored = node["promote_resource_attributes"], node["ignore_resource_attributes"]
    every = node["promote_all_resource_attributes"].value is True
    if every and len(promoted):
        yield from exclusive(node, "promote_all_resource_attributes", "promote_resource_attributes")
    if not every and len(ignored):
        said = "'ignore_resource_attributes' stands without 'promote_all_resource_attributes'"
        yield Complaint(ignored.key_location, said)
    seen: set[str] = set()
    for one in (ignored if every else promoted).strings() if len(ignored if every else promoted) else ():
        name = one.text.strip()
        if not name or name in seen:
            yield Complaint(one.location, f"the attribute '{name}' is there twice" if name else "an attribute is empty")
        seen.add(name)


def _runtime(node: Node) -> Iterator[Complaint]:
    level = node["log_level"]
    if level.text and level.text.lower() not in ("debug", "info", "warn", "error") and not open_value(level):
        yield Complaint(level.location, f"'{level.text}' is no level of logging")


def _kubernetes(node: Node) -> Iterator[Complaint]:
    yield from among(node, "role", *_SELECTORS)
    yield from http_client(node)
    if given(node, "kubeconfig_file"):
        yield from exclusive(node, "kubeconfig_file", "api_server")
    client = next((key for key in _CLIENT_KEYS if node[key].present), None)
    if client is not None and (not given(node, "api_server") or given(node, "kubeconfig_file")):
        yield Complaint(node[client].key_location, f"'{client}' stands without 'api_server'")
    own = node["namespaces"]["own_namespace"]
    if own.value is True:
        for key in ("api_server", "kubeconfig_file"):
            if given(node, key):
                yield Complaint(own.key_location, f"'own_namespace' stands beside '{key}': only one of them may")
    role = node["role"].text
    seen: set[str] = set()
    for selector in node["selectors"]:
        of = selector["role"]
        if of.text in seen:
            yield Complaint(of.location, f"the role '{of.text}' is selected twice")
        elif role in _SELECTORS and of.text not in _SELECTORS[role] and not open_value(of):
            yield Complaint(of.location, f"the role '{role}' takes no selector of '{of.text}'")
        seen.add(of.text)
        for term in selector["field"].text.split(","):
            if term.strip() and not re.search(r"=|!=", term) and not open_value(selector["field"]):
                yield Complaint(selector["field"].location, f"'{term}' is no selector of a field")


def _absolute(node: Node, key: str, schemes: tuple[str, ...] = ("http", "https")) -> Iterator[Complaint]:
    value = node[key]
    if not value.text:
        yield from required(node, key)
    elif not open_value(value):
        why = url_refused(value.text, schemes == ("http", "https"))
        if not why and "://" not in value.text:
            why = f"'{value.text}' is no URL: it has no scheme"
        if not why and value.text.endswith("://"):
            why = f"'{value.text}' is no URL: it names no host"
        if why:
            yield Complaint(value.location, f"'{key}' {why}")


def _http_discovery(node: Node) -> Iterator[Complaint]:
    yield from _absolute(node, "url")
    yield from http_client(node)


def _files(node: Node) -> Iterator[Complaint]:
    yield from required(node, "files")
    for path in node["files"].strings():
        if not _FILE_PATH.match(path.text) and not open_value(path):
            yield Complaint(path.location, f"'{path.text}' names no files of YAML or JSON")


def _dns(node: Node) -> Iterator[Complaint]:
    yield from required(node, "names")
    kind = node["type"].text.upper() or "SRV"
    if kind not in ("SRV", "A", "AAAA", "MX", "NS"):
        yield Complaint(node["type"].location, f"'{kind}' is no type of a record that is asked for")
    elif kind != "SRV" and not node["port"].text:
        yield Complaint(node["port"].location, f"records of type {kind} have no port: 'port' is missing")


def _consul(node: Node) -> Iterator[Complaint]:
    if node["server"].exists:
        yield from required(node, "server")
    yield from http_client(node)
    if given(node, "username") or given(node, "password"):
        for key in ("username", "password"):
            if given(node, key) and node["basic_auth"].present:
                yield from exclusive(node, key, "basic_auth")
                break
    if given(node, "token"):
        for key in ("authorization", "oauth2"):
            if node[key].present:
                yield from exclusive(node, "token", key)


def _marathon(node: Node) -> Iterator[Complaint]:
    yield from required(node, "servers")
    yield from exclusive(node, "auth_token", "auth_token_file")
    token = next((key for key in ("auth_token", "auth_token_file") if given(node, key)), None)
    for key in ("basic_auth", "bearer_token", "bearer_token_file", "authorization"):
        if token is not None and given(node, key):
            yield from exclusive(node, token, key)
    yield from http_client(node)


def _azure(node: Node) -> Iterator[Complaint]:
    ways = ("OAuth", "ManagedIdentity", "SDK", "WorkloadIdentity")
    yield from among(node, "authentication_method", *ways, default="")
    yield from required(node, "subscription_id")
    if node["authentication_method"].text in ("", "OAuth"):
        yield from required(node, "tenant_id", "client_id", "client_secret")
    yield from http_client(node)


def _openstack(node: Node) -> Iterator[Complaint]:
    yield from among(node, "availability", "public", "internal", "admin", default="")
    yield from among(node, "role", "instance", "hypervisor", "loadbalancer")
    yield from required(node, "region")


def _with(*parts: Validator) -> Validator:
    def validate(node: Node) -> Iterator[Complaint]:
        for part in parts:
            yield from part(node)
        yield from http_client(node)

    return validate


def _needs(*keys: str) -> Validator:
    return lambda node: required(node, *keys)


def _role(*words: str, key: str = "role", default: str | None = None) -> Validator:
    return lambda node: among(node, key, *words, default=default)


def _filters(node: Node) -> Iterator[Complaint]:
    for one in node["filters"]:
        if one.is_mapping and not len(one["values"]) and not open_value(one["values"]):
            yield Complaint(one["values"].location, "a filter has no values")


def _concurrency(node: Node) -> Iterator[Complaint]:
    value = node["request_concurrency"].value
    if isinstance(value, int) and value <= 0:
        yield Complaint(node["request_concurrency"].location, f"'request_concurrency' is not positive: {value}")


def _secret_key(node: Node) -> Iterator[Complaint]:
    yield from one_of(node, "secret_key", "secret_key_file")


def _stackit(node: Node) -> Iterator[Complaint]:
    endpoint = node["endpoint"]
    if endpoint.text and not open_value(endpoint) and (why := url_refused(endpoint.text, False)):
        yield Complaint(endpoint.location, f"'endpoint' {why}")


def _oci(node: Node) -> Iterator[Complaint]:
    yield from required(node, "region")
    own = ("tenancy", "user", "fingerprint", "key_file")
    way = node["auth"].text or "api_key"
    if way == "api_key":
        yield from required(node, *own)
        yield from exclusive(node, "key_passphrase", "key_passphrase_file")
    elif way == "instance_principal":
        for key in (*own, "key_passphrase", "key_passphrase_file"):
            if given(node, key):
                yield Complaint(node[key].key_location, f"'{key}' stands beside instance_principal")
    elif not open_value(node["auth"]):
        yield Complaint(node["auth"].location, f"'{way}' is neither api_key nor instance_principal")


def _paths(node: Node) -> Iterator[Complaint]:
    yield from required(node, "servers", "paths")
    for path in node["paths"].strings():
        if not path.text.startswith("/"):
            yield Complaint(path.location, f"the path '{path.text}' does not begin with '/'")


def _server_url(key: str) -> Validator:
    return lambda node: _absolute(node, key, ())


def _groups_of_targets(node: Node) -> Iterator[Complaint]:
    for key in [key for key, _ in node["labels"].items()]:
        if key.tag == "tag:yaml.org,2002:binary" or not key.text:
            yield Complaint(key.location, "the name of a label is empty or binary")


VALIDATORS: dict[str, Validator] = CLIENT | {
    "config.Config": _config,
    "config.GlobalConfig": _global,
    "config.ScrapeConfig": _job,
    "config.AlertmanagerConfig": _alertmanager,
    "config.AlertingConfig": _alerting,
    "config.RemoteWriteConfig": _remote_write,
    "config.RemoteReadConfig": _remote_read,
    "config.QueueConfig": _queue,
    "config.TracingConfig": _tracing,
    "config.TSDBRetentionConfig": _retention,
    "config.ChunkEncodingConfig": _encoding,
    "config.OTLPConfig": _otlp,
    "config.RuntimeConfig": _runtime,
    "kubernetes.SDConfig": _kubernetes,
    "http.SDConfig": _http_discovery,
    "file.SDConfig": _files,
    "dns.SDConfig": _dns,
    "consul.SDConfig": _consul,
    "marathon.SDConfig": _marathon,
    "azure.SDConfig": _azure,
    "openstack.SDConfig": _openstack,
    "aws.SDConfig": _with(_role("ec2", "ecs", "elasticache", "lightsail", "msk", "rds")),
    "aws.EC2SDConfig": _with(_filters),
    "aws.LightsailSDConfig": _with(),
    "aws.ECSSDConfig": _with(_concurrency),
    "aws.MSKSDConfig": _with(_concurrency),
    "aws.RDSSDConfig": _with(_concurrency),
    "aws.ElasticacheSDConfig": _with(_concurrency),
    "digitalocean.SDConfig": _with(_role("droplets", "databases", default="")),
    "eureka.SDConfig": _with(_server_url("server")),
    "gce.SDConfig": _needs("project", "zone"),
    "hetzner.SDConfig": _with(_role("robot", "hcloud")),
    "ionos.SDConfig": _with(_needs("datacenter_id")),
    "linode.SDConfig": _with(),
    "moby.DockerSDConfig": _with(_needs("host")),
    "moby.DockerSwarmSDConfig": _with(_needs("host"), _role("services", "tasks", "nodes")),
    "nomad.SDConfig": _with(),
    "oci.SDConfig": _with(_oci),
    "outscale.SDConfig": _with(_needs("region", "access_key"), _secret_key),
    "ovhcloud.SDConfig": _with(
        _needs("endpoint", "application_key", "application_secret", "consumer_key"),
        _role("dedicated_server", "vps", key="service"),
    ),
    "puppetdb.SDConfig": _with(_server_url("url"), _needs("query"), lambda node: _absolute(node, "url")),
    "scaleway.SDConfig": _with(_role("instance", "baremetal"), _needs("project_id", "access_key"), _secret_key),
    "stackit.SDConfig": _with(_stackit),
    "triton.SDConfig": _with(_needs("account", "dns_suffix", "endpoint"), _role("container", "cn", default="")),
    "uyuni.SDConfig": _with(_needs("server", "username", "password")),
    "vultr.SDConfig": _with(),
    "xds.SDConfig": _with(_server_url("server")),
    "zookeeper.NerveSDConfig": _paths,
    "zookeeper.ServersetSDConfig": _paths,
    "targetgroup.Group": _groups_of_targets,
}


@dataclass(frozen=True)
class Scraping:
    """One configuration of Prometheus."""

    node: Node
    place: str

    @property
    def label(self) -> str:
        return self.place or "prometheus.yml"

    @cached_property
    def complaints(self) -> list[Complaint]:
        return list(dict.fromkeys(Configuration("prometheus", VALIDATORS).complaints(self.node)))

    @property
    def location(self) -> Location:
        return self.node.location


class ScrapeFile(YamlFile):
    """Prometheus' own configuration; only its first document counts."""

    kinds: ClassVar[tuple[str, ...]] = ("prometheus-config",)
    dialect: ClassVar[Dialect] = GO

    @cached_property
    def scraping(self) -> list[Scraping]:
        return [Scraping(self.root, "")] if self.root.is_mapping and self.readable else []

    def summaries(self) -> Iterator[object]:
        yield from tests_around(self.path)
        for one in self.scraping:
            yield from interval_of(one.node)


def interval_of(node: Node) -> Iterator[ScrapeInterval]:
    """How often a configuration scrapes at least, and at most."""
    general = _duration(node["global"]["scrape_interval"])
    own = [_duration(job["scrape_interval"]) or general or 60.0 for job in node["scrape_configs"]]
    at = node["global"]["scrape_interval"].location
    yield ScrapeInterval(min([general or 60.0, *own]), at)


def file_scraping(file: ScrapeFile) -> list[Scraping]:
    """The configuration in a file of Prometheus."""
    return file.scraping
