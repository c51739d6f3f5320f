"""What a kustomization builds from, and what it sets on the way."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.kustomize import (
    Deprecated,
    Entry,
    HelmChart,
    Image,
    Kustomization,
    LaidPatch,
    Literal,
    MissingEntry,
    deprecated_fields,
    entries,
    filed_literals,
    helm_charts,
    images,
    laid_patches,
    missing_entries,
    secret_literals,
    unread_entries,
)
from devopslint.kubernetes.kustomize.refusals import refusals
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check
from devopslint.secrets.judgement import is_evident, is_placeholder, names_no_secret, names_secret, shows_secret


def kustomizations(kustomization: Kustomization) -> list[Kustomization]:
    """The kustomization itself."""
    return [kustomization]


@check("kustomize-refused-kustomization", each=kustomizations)
def refused_kustomization(kustomization: Kustomization) -> Iterator[Problem]:
    yield from refusals(kustomization)


@check("kustomize-missing-file", each=missing_entries, complete=True)
def missing_file(missing: MissingEntry) -> Iterator[Problem | NotKnown]:
    if missing.made:
        yield NotKnown(missing.location, f"whether {missing.entry.path} is there when it is built", missing.made)
    elif missing.others:
        related = tuple(Related(one.location, f"{one.path} is not, either") for one in missing.others)
        said = f"{missing.entry.path} and {len(related)} more of what it names are not in the repository"
        yield Problem(missing.location, said, related, certain=False)
    else:
        yield Problem(missing.location, f"{missing.entry.path} is not in the repository")


@check("kustomize-missing-file", each=unread_entries, complete=True)
def unread_entry(entry: Entry) -> Iterator[NotKnown]:
    yield NotKnown(entry.location, f"what {entry.path} holds", "its name is not that of a manifest", "--render")


@check("kustomize-dangling-patch", each=laid_patches, complete=True)
def dangling_patch(patch: LaidPatch) -> Iterator[Problem | NotKnown]:
    if not patch.objects:
        question = f"whether {patch.what} is there when it is built"
        yield NotKnown(patch.location, question, f"{patch.overlay.path} builds with nothing yet")
    elif not patch.meets:
        more = f" and {patch.others} more" if patch.others else ""
        said = f"changes {patch.what}{more}, which the build of {patch.overlay.path} does not have"
        yield Problem(patch.location, said, certain=patch.stops)


@check("kustomize-unpinned-base", each=entries)
def unpinned_base(entry: Entry) -> Iterator[Problem]:
    if entry.remote and not entry.pinned:
        at = (
            f"at {entry.reference!r}, which is neither a version nor a commit"
            if entry.reference
            else "without a version"
        )
        yield Problem(entry.location, f"comes from outside {at}")


@check("kustomize-unpinned-base", each=helm_charts)
def unpinned_chart(chart: HelmChart) -> Iterator[Problem]:
    if chart.version is not None:
        wanted = (
            f"takes the newest version that {chart.choice} allows"
            if chart.choice
            else "names no version: the newest is built"
        )
        yield Problem(chart.version, f"chart {chart.name} {wanted}")


@check("kustomize-plain-chart-repository", each=helm_charts)
def plain_chart_repository(chart: HelmChart) -> Iterator[Problem]:
    if chart.plain is not None:
        yield Problem(chart.plain, f"chart {chart.name} comes over plain HTTP, and can be changed on the way")


@check("kustomize-deprecated-field", each=deprecated_fields)
def deprecated_field(field: Deprecated) -> Iterator[Problem]:
    yield Problem(field.location, f"{field.field} is deprecated in favour of {field.successor}")


@check("kustomize-latest-tag", each=images)
def latest_tag(image: Image) -> Iterator[Problem]:
    if image.tag == "latest" and not image.digest:
        yield Problem(image.tag_location, f"image {image.name} is set to the tag latest, which moves")


@check("kustomize-literal-secret", each=secret_literals)
def literal_secret(literal: Literal) -> Iterator[Problem]:
    if names_secret(literal.key) and not is_placeholder(literal.value, literal.key):
        said = f"{literal.key} of the {literal.kind} {literal.name} is written in the repository"
        yield Problem(literal.location, said, certain=is_evident(literal.value))


@check("kustomize-literal-secret", each=filed_literals)
def filed_secret(literal: Literal) -> Iterator[Problem]:
    value, at = literal.value, literal.location
    if "ENC[AES256_GCM," in value or value.startswith("-----BEGIN CERT") or names_no_secret(literal.key):
        return
    if shows_secret(value) or (names_secret(literal.key) and not is_placeholder(value, literal.key)):
        said = f"{literal.key} of the {literal.kind} {literal.name} is written in {literal.file}, which Git keeps"
        yield Problem(at, said, certain=is_evident(value))
