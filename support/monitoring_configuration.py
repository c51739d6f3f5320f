"""The keys that Prometheus and Alertmanager take, read from the sources of both: python -m support.monitoring_configuration."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

from support.packages import Package, go_module, write_table

STRUCTS = Path(__file__).parent / "go_structs"
"""A program in Go that prints what the structs of a module say of the YAML that they take."""
VERSIONS = {"prometheus": "v0.316.0", "alertmanager": "v0.35.0", "common": "v0.72.1", "sigv4": "v0.5.0"}
"""Of the modules that both are made of: the latest of each do not always fit together."""
DISCOVERIES = {
    "aws": "aws.SDConfig",
    "azure": "azure.SDConfig",
    "consul": "consul.SDConfig",
    "digitalocean": "digitalocean.SDConfig",
    "dns": "dns.SDConfig",
    "docker": "moby.DockerSDConfig",
    "dockerswarm": "moby.DockerSwarmSDConfig",
    "ec2": "aws.EC2SDConfig",
    "ecs": "aws.ECSSDConfig",
    "elasticache": "aws.ElasticacheSDConfig",
    "eureka": "eureka.SDConfig",
    "file": "file.SDConfig",
    "gce": "gce.SDConfig",
    "hetzner": "hetzner.SDConfig",
    "http": "http.SDConfig",
    "ionos": "ionos.SDConfig",
    "kubernetes": "kubernetes.SDConfig",
    "kuma": "xds.KumaSDConfig",
    "lightsail": "aws.LightsailSDConfig",
    "linode": "linode.SDConfig",
    "marathon": "marathon.SDConfig",
    "msk": "aws.MSKSDConfig",
    "nerve": "zookeeper.NerveSDConfig",
    "nomad": "nomad.SDConfig",
    "oci": "oci.SDConfig",
    "openstack": "openstack.SDConfig",
    "outscale": "outscale.SDConfig",
    "ovhcloud": "ovhcloud.SDConfig",
    "puppetdb": "puppetdb.SDConfig",
    "rds": "aws.RDSSDConfig",
    "scaleway": "scaleway.SDConfig",
    "serverset": "zookeeper.ServersetSDConfig",
    "stackit": "stackit.SDConfig",
    "triton": "triton.SDConfig",
    "uyuni": "uyuni.SDConfig",
    "vultr": "vultr.SDConfig",
}
SAME = {"xds.KumaSDConfig": "xds.SDConfig"}
"""Types that are declared as another."""
RENAMED = [
    (r"any common\.URL|any config\.URL", "address"),
    (r"common\.HostPort", "text"),
    (r"common\.Regexp", "regex"),
    (r"jira\.JiraFieldConfig", "any"),
    (r"any [A-Za-z0-9_]+\.[A-Za-z0-9_]+", "any"),
    (r"span", "any"),
]
"""What reads itself in a way of its own."""


def main() -> None:
    modules = {name: go_module(f"github.com/prometheus/{name}", version) for name, version in VERSIONS.items()}
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "structs"
        subprocess.run(["go", "build", "-o", program, "."], cwd=STRUCTS, check=True)
        for root in ("prometheus", "alertmanager"):
            base = f"github.com/prometheus/{root}"
            types = [f"{base}/config.Config"]
            if root == "prometheus":
                types += [f"{base}/discovery/{name}" for name in DISCOVERIES.values()]
            roots = [
                f"github.com/prometheus/{name}={modules[name].folder}" for name in sorted({root, "common", "sigv4"})
            ]
            done = subprocess.run([program, *roots, *types], capture_output=True, text=True, check=True)
            made[root] = _tidied(json.loads(done.stdout))
    _complete(made)
    packages: list[Package] = list(modules.values())
    write_table("monitoring_configuration", __file__, packages, _sorted(made))


def _sorted(made: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, dict[str, str]]]:
    return {
        program: {name: dict(sorted(fields.items())) for name, fields in sorted(types.items())}
        for program, types in sorted(made.items())
    }


def _tidied(types: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    for fields in types.values():
        for key, value in fields.items():
            for pattern, name in RENAMED:
                value = re.sub(pattern, name, value)
            fields[key] = value
    return types


def _complete(made: dict[str, dict[str, dict[str, str]]]) -> None:
    scraping = made["prometheus"]
    found = {f"{name}_sd_configs": f"list {SAME.get(kind, kind)}" for name, kind in DISCOVERIES.items()}
    found["static_configs"] = "list targetgroup.Group"
    scraping["targetgroup.Group"] = {"targets": "list text", "labels": "map text"}
    for holder in ("config.ScrapeConfig", "config.AlertmanagerConfig"):
        scraping[holder] |= found
        scraping[holder]["metric_name_validation_scheme"] = "text"
    del scraping["config.AlertmanagerConfig"]["metric_name_validation_scheme"]
    scraping["config.GlobalConfig"]["metric_name_validation_scheme"] = "text"
    scraping["config.TSDBConfig"].pop("outofordertimewindow", None)
    scraping["digitalocean.SDConfig"].pop("httpclient", None)
    client = scraping["config.HTTPClientConfig"]
    for name in DISCOVERIES.values():
        scraping.setdefault(name, dict(scraping.get(SAME.get(name, name), client)))
    made["alertmanager"]["timeinterval.TimeRange"] = {"start_time": "text", "end_time": "text"}
    for types in made.values():
        for name in ("common.HostPort", "common.Regexp", "jira.JiraFieldConfig"):
            types.pop(name, None)


if __name__ == "__main__":
    main()
