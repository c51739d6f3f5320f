"""Volumes that stand for paths of the host, and services that only developers start."""

from __future__ import annotations

import pytest

import devopslint

VOLUME = """\
services:
  agent:
    image: registry.example.org/agent:1.4
    volumes: ["engine:/var/run/docker.sock"]
volumes:
  engine: {driver: local, driver_opts: {type: none, o: bind, device: %s}}
"""


@pytest.mark.parametrize(("device", "wrong"), [("/var/run/docker.sock", True), ("/srv/data", False)])
def test_a_volume_may_be_the_socket_of_the_engine(device: str, wrong: bool) -> None:
    found = devopslint.check({"compose.yaml": VOLUME % device}, select=["compose-container-socket"])

    said = "service 'agent' mounts the host's docker.sock as volume 'engine'"
    assert [(one.location.line, one.message) for one in found] == [(4, said)] * wrong


@pytest.mark.parametrize(
    ("profiles", "severity"),
    [("[dev]", "warning"), ("[debug, test]", "warning"), ("[dev, prod]", "error"), ("[]", "error")],
)
def test_what_only_a_profile_for_developers_starts_is_theirs(profiles: str, severity: str) -> None:
    text = f"services:\n  agent: {{image: 'registry.example.org/agent:1.4', privileged: true, profiles: {profiles}}}\n"

    found = devopslint.check({"compose.yaml": text}, select=["compose-privileged"])

    assert [str(one.severity) for one in found] == [severity]


@pytest.mark.parametrize(
    ("image", "severity"),
    [("tecnativa/docker-socket-proxy:0.3.0", "warning"), ("ghcr.io/shop/socket-proxy-ui:1.0", "error")],
)
def test_a_proxy_of_the_socket_is_there_to_limit_it(image: str, severity: str) -> None:
    text = f"services:\n  proxy: {{image: '{image}', volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']}}\n"

    found = devopslint.check({"compose.yaml": text}, select=["compose-container-socket"])

    assert [str(one.severity) for one in found] == [severity]
