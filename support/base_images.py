"""The user that public base images run as: python -m support.base_images FOLDER.

FOLDER holds clones of the repositories that the images are built from, each named owner+name (`docker-library+python`);
what is not there is left out. Read are the Dockerfiles of Docker's official images, by the tags that
docker-library/official-images gives them, and of the other images named here; each FROM is followed.
"""

from __future__ import annotations

import datetime
import functools
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from devopslint.docker.dockerfile import Dockerfile
from devopslint.readers.image_reference import ImageReference
from support.packages import write

ROOT = "root"
UNKNOWN = "?"
"""Stands for the user of an image that builds on one that is not known here."""
_MIRRORS = re.compile(r"(?:docker\.mirror\.hashicorp\.services|public\.ecr\.aws/docker/library|amd64|arm64v8|library)/")
_OFFICIAL = "docker-library+official-images"
_WINDOWS = ("windowsservercore", "nanoserver", "ltsc20")

# Their file systems are packed without a Dockerfile, or by one that is not public; the images' configurations set no user.
_SYSTEMS = """almalinux alpine alt amazonlinux archlinux busybox centos cirros clearlinux clefos debian fedora mageia
    opensuse/leap opensuse/tumbleweed oraclelinux photon rockylinux ubuntu
    mcr.microsoft.com/azurelinux/base/core mcr.microsoft.com/cbl-mariner/base/core"""
_BITNAMI = """apache cassandra consul elasticsearch etcd fluentd grafana influxdb kafka keycloak kubectl mariadb memcached
    mongodb mysql nginx postgresql prometheus rabbitmq redis redis-sentinel sealed-secrets-controller thanos
    wordpress-nginx zookeeper"""
_BY_DOCUMENTATION: dict[str, list[list[str]]] = {
    **{name: [["*", ROOT]] for name in _SYSTEMS.split()},
    # The systems of Red Hat's and SUSE's are root; what runs programs there (nginx-124, python-312) is user 1001.
    **{
        f"{where}{kind}": [["*", ROOT]]
        for major in (8, 9, 10)
        for where in (
            f"registry.access.redhat.com/ubi{major}/ubi",
            f"redhat/ubi{major}",
            f"registry.access.redhat.com/ubi{major}",
        )
        for kind in ("", "-minimal", "-micro", "-init")
    },
    **{
        f"registry.access.redhat.com/ubi{major}/{program}": [["*", user]]
        for major in (8, 9)
        for program, user in (
            ("nginx-*", "1001"),
            ("httpd-24", "1001"),
            ("nodejs-*", "1001"),
            ("python-*", "1001"),
            ("php-*", "1001"),
            ("ruby-*", "1001"),
            ("perl-*", "1001"),
            ("go-toolset", "1001"),
            ("openjdk-*", "185"),
        )
    },
    "registry.suse.com/bci/bci-*": [["*", ROOT]],
    # https://techdocs.broadcom.com/…/bitnami: every container of theirs is "non-root" unless its name says otherwise.
    **{f"{owner}/{name}": [["*", "1001"]] for owner in ("bitnami", "bitnamilegacy") for name in _BITNAMI.split()},
    "elasticsearch": [["*", "1000"]],
    "kibana": [["*", "1000"]],
    "logstash": [["*", "1000"]],
    "gcc": [["*", ROOT]],
    "perl": [["*", ROOT]],
    "grafana/grafana": [["*", "472"]],
    "grafana/grafana-oss": [["*", "472"]],
    "grafana/grafana-enterprise": [["*", "472"]],
    "quay.io/keycloak/keycloak": [["*", "1000"]],
    "docker.elastic.co/elasticsearch/elasticsearch": [["*", "1000"]],
    "docker.elastic.co/kibana/kibana": [["*", "1000"]],
    "docker.elastic.co/logstash/logstash": [["*", "1000"]],
    "quay.io/prometheus/busybox*": [["*", ROOT]],
    "quay.io/oauth2-proxy/oauth2-proxy": [["*", "65532"]],
    "confluentinc/cp-*": [["*", "appuser"]],
    "jupyter/*-notebook": [["*", "1000"]],
    "quay.io/jupyter/*-notebook": [["*", "1000"]],
    "selenium/hub": [["*", "1200"]],
    "selenium/node-*": [["*", "1200"]],
    "selenium/standalone-*": [["*", "1200"]],
    "redis": [["*", ROOT]],
    "oven/bun": [["*", ROOT]],
    "apache/airflow": [["*", "50000"]],
    "cimg/*": [["*", "circleci"]],
    "gitpod/workspace-*": [["*", "gitpod"]],
    "curlimages/curl": [["*", "curl_user"]],
    "cypress/*": [["*", ROOT]],
    "ghcr.io/puppeteer/puppeteer": [["*", "pptruser"]],
    "golangci/golangci-lint": [["*", ROOT]],
    "jenkins/inbound-agent": [["*", "jenkins"]],
    "registry.k8s.io/pause": [["*", "65535"]],
    "mcr.microsoft.com/azure-cli": [["*", ROOT]],
    "amazon/aws-cli": [["*", ROOT]],
    "public.ecr.aws/lambda/*": [["*", ROOT]],
    "nvidia/cuda": [["*", ROOT]],
    "nvcr.io/nvidia/cuda": [["*", ROOT]],
    "hashicorp/vault": [["*", ROOT]],
    "hashicorp/consul": [["*", ROOT]],
}
_DOCUMENTATION = "documentation of the images, read by the project's authors"


class Other(NamedTuple):
    """Images outside Docker's official ones, and where their Dockerfiles are."""

    image: str
    repository: str
    dockerfiles: str
    """A pattern of paths."""
    tag: str = "*"
    """A pattern of tags; {0} is the part of the path that the first star stands for."""


_OTHERS = [
    Other("nginxinc/nginx-unprivileged", "nginx+docker-nginx-unprivileged", "*/*/Dockerfile"),
    Other("ghcr.io/nginx/nginx-unprivileged", "nginx+docker-nginx-unprivileged", "*/*/Dockerfile"),
    Other("ghcr.io/nginxinc/nginx-unprivileged", "nginx+docker-nginx-unprivileged", "*/*/Dockerfile"),
    Other("jenkins/jenkins", "jenkinsci+docker", "*/Dockerfile"),
    Other("jenkins/jenkins", "jenkinsci+docker", "alpine/hotspot/Dockerfile"),
    Other("jenkins/agent", "jenkinsci+docker-agent", "*/Dockerfile"),
    Other("grafana/loki", "grafana+loki", "cmd/loki/Dockerfile"),
    Other("grafana/promtail", "grafana+loki", "clients/cmd/promtail/Dockerfile"),
    Other("prom/prometheus", "prometheus+prometheus", "Dockerfile"),
    Other("prom/alertmanager", "prometheus+alertmanager", "Dockerfile"),
    Other("prom/node-exporter", "prometheus+node_exporter", "Dockerfile"),
    Other("prom/blackbox-exporter", "prometheus+blackbox_exporter", "Dockerfile"),
    Other("prom/pushgateway", "prometheus+pushgateway", "Dockerfile"),
    Other("prom/busybox", "prometheus+busybox", "*/Dockerfile"),
    Other("quay.io/prometheus/prometheus", "prometheus+prometheus", "Dockerfile"),
    Other("quay.io/prometheus/alertmanager", "prometheus+alertmanager", "Dockerfile"),
    Other("quay.io/prometheus/node-exporter", "prometheus+node_exporter", "Dockerfile"),
    Other("hashicorp/terraform", "hashicorp+terraform", "Dockerfile"),
    Other("hashicorp/packer", "hashicorp+packer", "Dockerfile"),
    Other("minio/minio", "minio+minio", "Dockerfile.release"),
    Other(
        "quay.io/jupyter/docker-stacks-foundation",
        "jupyter+docker-stacks",
        "images/docker-stacks-foundation/Dockerfile",
    ),
    Other("selenium/base", "SeleniumHQ+docker-selenium", "Base/Dockerfile"),
    Other("postgis/postgis", "postgis+docker-postgis", "*/Dockerfile"),
    Other("timescale/timescaledb", "timescale+timescaledb-docker", "Dockerfile"),
    Other(
        "otel/opentelemetry-collector",
        "open-telemetry+opentelemetry-collector-releases",
        "distributions/otelcol/Dockerfile",
    ),
    Other(
        "otel/opentelemetry-collector-contrib",
        "open-telemetry+opentelemetry-collector-releases",
        "distributions/otelcol-contrib/Dockerfile",
    ),
    Other("google/cloud-sdk", "GoogleCloudPlatform+cloud-sdk-docker", "Dockerfile", "latest"),
    Other("google/cloud-sdk", "GoogleCloudPlatform+cloud-sdk-docker", "alpine/Dockerfile", "*alpine*"),
    Other("google/cloud-sdk", "GoogleCloudPlatform+cloud-sdk-docker", "debian_slim/Dockerfile", "*slim*"),
    Other("gcr.io/google.com/cloudsdktool/google-cloud-cli", "GoogleCloudPlatform+cloud-sdk-docker", "*/Dockerfile"),
    Other("aquasec/trivy", "aquasecurity+trivy", "Dockerfile"),
    Other("ghcr.io/aquasecurity/trivy", "aquasecurity+trivy", "Dockerfile"),
    Other("mcr.microsoft.com/playwright", "microsoft+playwright", "utils/docker/Dockerfile.*"),
    Other("ghcr.io/astral-sh/uv", "astral-sh+uv", "Dockerfile", "[0-9l]*"),
    Other("localstack/localstack", "localstack+localstack", "Dockerfile"),
    Other("jaegertracing/jaeger", "jaegertracing+jaeger", "cmd/jaeger/Dockerfile"),
    Other("valkey/valkey", "valkey-io+valkey-container", "*/*/Dockerfile"),
    Other("fluent/fluent-bit", "fluent+fluent-bit", "dockerfiles/Dockerfile"),
]
_DOTNET = {
    "mcr.microsoft.com/dotnet/runtime-deps": "runtime-deps",
    "mcr.microsoft.com/dotnet/runtime": "runtime",
    "mcr.microsoft.com/dotnet/aspnet": "aspnet",
    "mcr.microsoft.com/dotnet/sdk": "sdk",
    "mcr.microsoft.com/dotnet/monitor": "monitor",
}


class Tagged(NamedTuple):
    image: str
    tags: tuple[str, ...]
    repository: str
    commit: str
    branch: str
    path: str


class Images:
    """The images whose Dockerfiles are known, and the user of each."""

    def __init__(self, clones: Path) -> None:
        self.clones = clones
        self.used: set[str] = set()
        self.official = list(self._official())
        self.by_name: dict[str, list[Tagged]] = {}
        for tagged in self.official:
            self.by_name.setdefault(tagged.image, []).append(tagged)

    def git(self, repository: str, *arguments: str) -> str | None:
        folder = self.clones / repository
        if not folder.exists():
            return None
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
        if done.returncode:
            return None
        self.used.add(repository)
        return done.stdout.decode("utf-8", "replace")

    @functools.cache  # noqa: B019  # one object a run
    def files(self, repository: str) -> tuple[str, ...]:
        return tuple((self.git(repository, "ls-tree", "-r", "--name-only", self.head(repository)) or "").splitlines())

    @functools.cache  # noqa: B019
    def head(self, repository: str) -> str:
        return (self.git(repository, "rev-parse", "--verify", "--end-of-options", "HEAD") or "").strip()

    def _official(self) -> Iterator[Tagged]:
        for path in self.files(_OFFICIAL):
            if path.startswith("library/"):
                text = self.git(_OFFICIAL, "show", f"{self.head(_OFFICIAL)}:{path}") or ""
                yield from _stackbrew(path.removeprefix("library/"), text)

    @functools.cache  # noqa: B019
    def text_of(self, tagged: Tagged) -> str | None:
        """The Dockerfile, at its commit where the clone has that, else the newest; None for one that came later."""
        for revision in (tagged.commit, tagged.branch, self.head(tagged.repository)):
            text = self.git(tagged.repository, "show", f"{revision}:{tagged.path}") if revision else None
            if text is not None and not text.startswith("{"):  # an index of layers
                return text
        return None

    @functools.cached_property
    def users(self) -> dict[Tagged, str]:
        """The user of each official image. One may build on another, and on an earlier version of itself."""
        found: dict[Tagged, str] = {}
        for of_any_tag in (False, True):
            while True:
                new = {
                    tagged: user
                    for tagged in self.official
                    if tagged not in found and (text := self.text_of(tagged)) is not None
                    if (user := self.user_in(text, found, of_any_tag)) is not None
                }
                if not new:
                    break
                found |= new
        return found

    def user_in(self, text: str, known: dict[Tagged, str] | None = None, of_any_tag: bool = True) -> str | None:
        """The user of the image that a Dockerfile builds; None where a FROM leads to an image that is not known here."""
        stage = Dockerfile.read("Dockerfile", text).final_stage
        if stage is None:
            return None
        if stage.user is not None:
            return _plain(stage.user.args[0]) if stage.user.args and not stage.user.unresolved else None
        root = stage.root
        if root.base == "scratch":
            return ROOT
        if root.image is None or (root.base_unresolved and not of_any_tag):
            return None
        image = root.image._replace(tag="") if root.base_unresolved else root.image
        return self._user_of_image(image, self.users if known is None else known, of_any_tag)

    def _user_of_image(self, image: ImageReference, known: dict[Tagged, str], of_any_tag: bool) -> str | None:
        name, tag = _MIRRORS.sub("", image.short_name), "latest" if image.tag is None else image.tag
        entries = self.by_name.get(name, ())
        users = {known[entry] for entry in entries if entry in known and tag in entry.tags}
        if not users and of_any_tag:
            users = {known[entry] for entry in entries if entry in known}
        if len(users) == 1:
            return users.pop()
        rows = [rows for pattern, rows in _BY_DOCUMENTATION.items() if fnmatchcase(name, pattern)]
        return next((user for pattern, user in rows[0] if fnmatchcase(tag, pattern)), None) if rows else None

    def users_of_other_versions(self, entries: list[Tagged]) -> dict[str, str | None]:
        """The one user of the Dockerfiles that lie where those of an image would lie, but for the numbers of versions."""
        places = {re.sub(r"[\d.]+(?=/)|\d+", "*", entry.path) for entry in entries}
        repository = entries[0].repository
        users = {
            self.user_in(self.git(repository, "show", f"{self.head(repository)}:{path}") or "")
            for path in self.files(repository)
            if any(fnmatchcase(path, place) for place in places)
        }
        return {"latest": users.pop()} if len(users) == 1 else {}


def _stackbrew(image: str, text: str) -> Iterator[Tagged]:
    """The entries of a file of docker-library/official-images: blocks of `Key: value`, the first of which is for all."""
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    lines = re.sub(r",\n\s+", ", ", lines)
    blocks: list[dict[str, str]] = [
        {
            key.strip(): value.strip()
            for key, _, value in (line.partition(":") for line in block.splitlines() if ":" in line)
        }
        for block in re.split(r"\n\s*\n", lines)
    ]
    common: dict[str, str] = {}
    for block in blocks:
        if "Tags" not in block:
            common |= block
            continue
        entry = common | block
        tags = [tag.strip() for part in ("Tags", "SharedTags") for tag in entry.get(part, "").split(",") if tag.strip()]
        if any(word in tag for tag in tags for word in _WINDOWS) or "windows" in entry.get("Architectures", ""):
            continue
        host = re.match(r"https://github\.com/([^/]+)/([^/]+?)(?:\.git)?/?\Z", entry.get("GitRepo", "").strip())
        if host is None:
            continue
        folder = entry.get("amd64-Directory", entry.get("Directory", ".")).strip("/").removeprefix("./")
        branch = entry.get("amd64-GitFetch", entry.get("GitFetch", ""))
        path = "/".join(
            part for part in (folder, entry.get("amd64-File", entry.get("File", "Dockerfile"))) if part != "."
        )
        commit = entry.get("amd64-GitCommit", entry.get("GitCommit", ""))
        yield Tagged(image, tuple(tags), f"{host[1]}+{host[2]}", commit, branch, path)


def _plain(user: str) -> str:
    """The user without its group; root by any of its names."""
    name = user.partition(":")[0].strip().strip("\"'")
    return ROOT if name in ("0", "root") else name


def _rows(given: Mapping[str, str | None]) -> list[list[str]]:
    """Patterns of tags, of which the first that fits counts, each with its user.

    One user for all tags is that of tags that are no longer built, too; so is the usual one where words tell the
    others apart (`rootless`, `chiseled`). Where numbers do, nothing is said of other tags.
    """
    users = {tag: user or UNKNOWN for tag, user in given.items()}
    counts = Counter(users.values())
    if not set(counts) - {UNKNOWN}:
        return []
    usual = counts.most_common(1)[0][0]
    rows: list[list[str]] = []
    for user in sorted((user for user in counts if user != usual), key=lambda user: counts[user]):
        mine = {tag for tag, known in users.items() if known == user}
        rows += [[pattern, user] for pattern in _words(mine, set(users) - mine)]
    left = {tag: user for tag, user in users.items() if not any(fnmatchcase(tag, pattern) for pattern, _ in rows)}
    if set(left.values()) == {usual}:
        return [*rows, ["*", usual]]
    return [*rows, *([pattern, user] for pattern, user in _numbers(left))]


def _words(mine: set[str], others: set[str]) -> list[str]:
    """As few patterns of words as some tags have and no others do."""
    left, found = set(mine), []
    for word, _ in Counter(word for tag in mine for word in re.split(r"[-_.\d]", tag) if len(word) > 2).most_common():
        pattern = f"*{word}*"
        if any(fnmatchcase(tag, pattern) for tag in left) and not any(fnmatchcase(tag, pattern) for tag in others):
            found.append(pattern)
            left = {tag for tag in left if not fnmatchcase(tag, pattern)}
    return found


def _numbers(users: dict[str, str]) -> list[tuple[str, str]]:
    """The shortest beginnings that one user's tags have: `1.*` where every 1.x has the same, else `1.2*`."""
    found: list[tuple[str, str]] = []
    left = dict(users)
    for depth in (1, 2, 3):
        beginnings: dict[str, set[str]] = {}
        for tag, user in left.items():
            beginnings.setdefault(_beginning(tag, depth), set()).add(user)
        for beginning, those in sorted(beginnings.items()):
            if len(those) == 1 and beginning:
                found += [(pattern, next(iter(those))) for pattern in (beginning, f"{beginning}[.-]*")]
                left = {tag: user for tag, user in left.items() if _beginning(tag, depth) != beginning}
    return [*found, *left.items()]


def _beginning(tag: str, depth: int) -> str:
    numbers = re.match(rf"v?\d+(?:\.\d+){{{depth - 1}}}(?=[.-]|\Z)", tag)
    return numbers[0] if numbers else ""


def main(folder: str) -> None:
    images = Images(Path(folder))
    table: dict[str, dict[str, object]] = {}
    for name, entries in sorted(images.by_name.items()):
        users = {tag: images.users.get(one) for one in entries if images.text_of(one) for tag in one.tags}
        rows = _rows(users or images.users_of_other_versions(entries))
        if rows:
            table[name] = {"tags": rows, "source": entries[0].repository.replace("+", "/")}
        elif name not in _BY_DOCUMENTATION:
            print(f"{name} is not known: {sorted({entry.repository for entry in entries})}")
    for image, rows, repository in (*_others(images), *_dotnet(images), *_chainguard(images), *_distroless(images)):
        if rows:
            table[image] = {"tags": rows, "source": repository.replace("+", "/")}
        else:
            print(f"{image} is not known: {repository}")
    for name, rows in _BY_DOCUMENTATION.items():
        table.setdefault(name, {"tags": rows, "source": _DOCUMENTATION})
    dates = {repository.replace("+", "/"): _date(images, repository) for repository in sorted(images.used)}
    write(
        "base_images",
        {
            "source": {
                "source": "the Dockerfiles of the images in their public repositories, else the images' documentation",
                "version": f"{len(dates)} repositories, each with its commit",
                "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
                "script": "support/base_images.py",
            },
            "images": dict(sorted(table.items())),
            "repositories": dates,
        },
    )


def _date(images: Images, repository: str) -> str:
    return (images.git(repository, "log", "-1", "--format=%h of %cs", images.head(repository)) or "").strip()


def _others(images: Images) -> Iterator[tuple[str, list[list[str]], str]]:
    found: dict[str, tuple[dict[str, set[str | None]], str]] = {}
    for other in _OTHERS:
        for path in images.files(other.repository):
            if fnmatchcase(path, other.dockerfiles) and not any(
                word in path for word in ("windows", "nanoserver", "test")
            ):
                text = images.git(other.repository, "show", f"{images.head(other.repository)}:{path}") or ""
                users, _ = found.setdefault(other.image, ({}, other.repository))
                users.setdefault(other.tag, set()).add(images.user_in(text))
    for image, (users, repository) in found.items():
        rows = [[tag, user] for tag, those in users.items() for user in those if user and not those - {user, None}]
        if rows and len({user for _, user in rows}) == 1:
            rows = [["*", rows[0][1]]]
        yield image, rows, repository


def _dotnet(images: Images) -> Iterator[tuple[str, list[list[str]], str]]:
    """Directories are `src/KIND/VERSION/SYSTEM/ARCHITECTURE`, tags `VERSION-SYSTEM`: chiseled and distroless have a user."""
    repository = "dotnet+dotnet-docker"
    for image, kind in _DOTNET.items():
        users: dict[str, str | None] = {}
        for path in images.files(repository):
            found = re.fullmatch(rf"src/{kind}/([\d.]+)/([^/]+)/amd64/Dockerfile", path)
            if found and not any(word in found[2] for word in _WINDOWS):
                users[f"{found[1]}-{found[2]}"] = _dotnet_user(images, repository, path)
        yield image, _rows({tag: user for tag, user in users.items() if user is not None}), repository


def _dotnet_user(images: Images, repository: str, path: str, depth: int = 0) -> str | None:
    """The bases are the images of the same repository, named by a variable of the build: the nearest kind below."""
    text = images.git(repository, "show", f"{images.head(repository)}:{path}") or ""
    stage = Dockerfile.read("Dockerfile", text).final_stage
    if stage is None or depth > 4:
        return None
    if stage.user is not None:
        # $APP_UID is set by the images themselves, to 1654.
        return _plain(stage.user.args[0]) if stage.user.args and not stage.user.unresolved else "1654"
    below = re.search(r"/dotnet/(?:nightly/)?([a-z-]+):", stage.root.base.replace("$REPO", "/dotnet/runtime-deps"))
    kind, version, system = path.split("/")[1:4]
    order = {"aspnet": "runtime", "runtime": "runtime-deps", "sdk": "aspnet", "monitor": "aspnet"}
    if stage.root.base_unresolved or below or "$" in text.split("FROM", 1)[1][:80]:
        lower = order.get(kind)
        other = f"src/{lower}/{version}/{system}/amd64/Dockerfile"
        if lower and other in images.files(repository):
            return _dotnet_user(images, repository, other, depth + 1)
        return None
    return (
        images.user_in(text) or ROOT
        if stage.root.base.startswith(("amd64/", "mcr.microsoft.com/"))
        else images.user_in(text)
    )


def _chainguard(images: Images) -> Iterator[tuple[str, list[list[str]], str]]:
    """apko's configuration of each image says `run-as`; none: root."""
    repository = "chainguard-images+images"
    for path in images.files(repository):
        found = re.fullmatch(r"images/([^/]+)/locked_config\.json", path)
        text = images.git(repository, "show", f"{images.head(repository)}:{path}") if found else None
        if found is None or text is None:
            continue
        users = set()
        for lock in json.loads(text)["imageLocks"].values():
            for config in lock["configs"].values():
                accounts = json.loads(config)["config"].get("accounts", {})
                users.add(_plain(accounts.get("run-as") or ROOT))
        yield f"cgr.dev/chainguard/{found[1]}", [["*", users.pop()]] if len(users) == 1 else [], repository


def _distroless(images: Images) -> Iterator[tuple[str, list[list[str]], str]]:
    """One name a language and a system; the tag says whether it is root's: VARIANTS of its BUILD."""
    repository = "GoogleContainerTools+distroless"
    text = images.git(repository, "show", f"{images.head(repository)}:BUILD") or ""
    variants = re.findall(r'\("([a-z-]+)", "[a-z_]*", "(root|nonroot)"\)', text)
    numbers = re.search(
        r"NONROOT = (\d+)", images.git(repository, "show", f"{images.head(repository)}:common/variables.bzl") or ""
    )
    if numbers is None:
        return
    rows = [
        [f"{tag}*", numbers[1] if user == "nonroot" else ROOT]
        for tag, user in sorted(variants, key=lambda one: -len(one[0]))
    ]
    yield "gcr.io/distroless/*", rows, repository


if __name__ == "__main__":
    main(sys.argv[1])
