"""What Terraform puts into a cluster: objects of Kubernetes' provider, and charts."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.images.summaries import HealthElsewhere
from devopslint.model import Opening
from devopslint.terraform.expressions import Literal, Template
from devopslint.terraform.reader import Block
from devopslint.terraform.source import SourceText, all_attributes

_PODS = frozenset(
    {"deployment", "daemonset", "daemon_set", "stateful_set", "job", "cron_job", "pod", "replication_controller"}
)
_RESOURCE = compiled(r"kubernetes_(?P<kind>\w+?)(?:_v\d+(?:(?:alpha|beta)\d+)?)?\Z")
_INSTALLERS = frozenset(
    {"helm_release", "kubectl_manifest", "kubernetes_manifest", "argocd_application", "flux_bootstrap_git"}
)
_IMAGE = compiled(r"(?:\w+_)?image(?:_(?:name|uri|url|tag|repository|version))?")
_HEALTH = compiled(r"(?i)health|probe")
_RUN_IMAGES = frozenset(
    [
        "aws_apprunner_service",
        "aws_ecs_task_definition",
        "aws_lb_target_group",
        "azurerm_container_app",
        "azurerm_container_group",
        "azurerm_linux_web_app",
        "digitalocean_app",
        "google_cloud_run_service",
        "google_cloud_run_v2_service",
        "heroku_app",
    ]
)
"""Resources that run images, or stand before them, and can ask for their health."""
_QUOTED = compiled(r'"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"')


def openings_in_terraform(source: SourceText) -> Iterator[Opening]:
    """What the resources of a module's file may put into a cluster."""
    for block in source.body.blocks:
        if block.type != "resource" or not block.labels:
            continue
        kind = block.labels[0]
        found = _RESOURCE.match(kind)
        installs = kind in _INSTALLERS or kind.startswith("helm_")
        if not found and not installs:
            continue
        at = source.of_block(block)
        text = source.text[block.start : block.end]
        if installs:
            namespaces = tuple(_texts(source, block, "namespace"))
            reason = f"{kind} '{block.labels[-1]}' at {source.path}:{at.line} may make it"
            names = frozenset(name for key in ("name", "chart") for name in _texts(source, block, key))
            if namespaces:
                yield Opening(at, reason, namespaces)
            yield Opening(at, reason, words=names or frozenset(_QUOTED.findall(text)))
        elif found is not None:
            made = found["kind"]
            name = "".join(part.capitalize() for part in made.split("_"))
            kinds = frozenset({name, "Pod"} if made in _PODS else {name})
            reason = f"{kind} '{block.labels[-1]}' at {source.path}:{at.line} may make it"
            # Names may be references: the quoted words of the block are all that is known of them.
            yield Opening(at, reason, kinds=kinds, words=frozenset((*_QUOTED.findall(text), *block.labels[1:])))


def health_elsewhere(source: SourceText) -> Iterator[HealthElsewhere]:
    """The modules and resources that run an image, where they ask for its health or nobody reads what they do."""
    for block in source.body.blocks:
        asks = _HEALTH.search
        if block.type == "module":
            if not any("image" in one.name and _IMAGE.fullmatch(one.name) for one in all_attributes(block)):
                continue
            local = all(text.startswith((".", "/")) for text in _texts(source, block, "source"))
            if local and not asks(source.text, block.start, block.end):
                continue
        elif (
            block.type != "resource"
            or not block.labels
            or block.labels[0] not in _RUN_IMAGES
            or not asks(source.text, block.start, block.end)
        ):
            continue
        what = f"{block.type} '{block.labels[-1]}'" if block.labels else block.type
        line = source.of_block(block).line
        yield HealthElsewhere(f"{what} at {source.path}:{line} runs an image, and may ask for its health")


def _texts(source: SourceText, block: Block, key: str) -> Iterator[str]:
    for attribute in all_attributes(block):
        if attribute.name == key:
            tree = source.value(attribute)
            if isinstance(tree, Template) and all(isinstance(part, Literal) for part in tree.parts):
                yield "".join(str(part.value) for part in tree.parts if isinstance(part, Literal))
