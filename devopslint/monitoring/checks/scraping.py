"""Prometheus' own configuration: what it refuses, and what it should not say."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.monitoring.configuration import literal
from devopslint.monitoring.objects import object_scraping
from devopslint.monitoring.scraping import Scraping, file_scraping
from devopslint.registry import check
from devopslint.secrets.judgement import is_evident

_SECRETS = ("password", "credentials", "bearer_token", "secret_key", "client_secret", "auth_token", "token")


def _complaints(scraping: Scraping, kind: str) -> Iterator[Problem]:
    for complaint in scraping.complaints:
        if complaint.kind == kind:
            yield Problem(complaint.location, complaint.message)


@check("prom-invalid-configuration", each=(file_scraping, object_scraping))
def invalid_configuration(scraping: Scraping) -> Iterator[Problem]:
    for kind in ("configuration", "unknown", "type"):
        yield from _complaints(scraping, kind)


@check("prom-duplicate-job", each=(file_scraping, object_scraping))
def duplicate_job(scraping: Scraping) -> Iterator[Problem]:
    yield from _complaints(scraping, "job")


@check("prom-timeout-over-interval", each=(file_scraping, object_scraping))
def timeout_over_interval(scraping: Scraping) -> Iterator[Problem]:
    yield from _complaints(scraping, "timeout")


@check("prom-plain-credential", each=(file_scraping, object_scraping))
def plain_credential(scraping: Scraping) -> Iterator[Problem]:
    for node in scraping.node.walk():
        for key, value in node.items():
            if key.text in _SECRETS and literal(value):
                said = f"'{key.text}' is written out: '{key.text}_file' reads it from a file"
                yield Problem(value.location, said, certain=is_evident(value.text))


@check("prom-skip-verify", each=(file_scraping, object_scraping))
def skip_verify(scraping: Scraping) -> Iterator[Problem]:
    for target in scraping.node["remote_write"]:
        at = target["tls_config"]["insecure_skip_verify"]
        if at.value is True:
            yield Problem(
                at.location, "what is sent away may be read by whoever answers: the certificate is not verified"
            )
