"""Buckets: who may read them, and what is kept of what was in them."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.values import Value

BUCKETS = ("aws_s3_bucket", "google_storage_bucket")
_SETTING = compiled(r"(?:var|local)\.[\w.-]+\Z|\"(?:[^\"\\$%]|\$\{(?:var|local|data|path|terraform)\.[\w.-]+\})+\"\Z")
"""An expression that gives the same name wherever it stands in a module."""


class Bucket(NamedTuple):
    """A bucket of S3 or Cloud Storage, with the resources that say how it is kept."""

    resource: Resource
    tree: Terraform

    @property
    def label(self) -> str:
        return self.resource.label

    @property
    def location(self) -> Location:
        return self.resource.location

    @property
    def aws(self) -> bool:
        return self.resource.type == "aws_s3_bucket"

    def companions(self, type: str) -> list[Resource]:
        """The resources of a type that speak of this bucket: by reference, or by its name."""
        found = self.tree.referring(type, "bucket").get(self.resource.target, [])
        name = _name(self.resource)
        if name:
            found = [*found, *(one for one in self.tree.by_type.get(type, ()) if _name(one) == name)]
        return found

    @property
    def open(self) -> bool:
        """Whether a module from elsewhere is given it, and may say how it is kept."""
        return self.resource.target in self.tree.handed_out or self.resource.block.broken

    @property
    def versioned(self) -> bool | None:
        """Whether older versions are kept; None where that is not known."""
        if self.open:
            return None
        answers = [_enabled(self.resource.get("versioning.enabled"))]
        if self.aws:
            answers += [
                _enabled(one.get("versioning_configuration.status"), "Enabled")
                for one in self.companions("aws_s3_bucket_versioning")
            ]
        return _any(answers)

    @property
    def logged(self) -> bool | None:
        if self.open:
            return None
        if self.resource.blocks("logging") or (self.aws and self.companions("aws_s3_bucket_logging")):
            return True
        return None if self.resource.written("logging") else False

    @property
    def keeps_logs(self) -> bool:
        """Whether it is where others' logs go: it cannot log to itself."""
        return (
            self.resource.get("acl").equals("log-delivery-write")
            or any(one.get("acl").equals("log-delivery-write") for one in self.companions("aws_s3_bucket_acl"))
            or self._is_log_target
        )

    @property
    def _is_log_target(self) -> bool:
        """Whether another bucket of the tree sends its log here."""
        type, attribute = (
            ("aws_s3_bucket_logging", "target_bucket") if self.aws else (self.resource.type, "logging.log_bucket")
        )
        if self.tree.referring(type, attribute).get(self.resource.target):
            return True
        name = self.resource.get("bucket" if self.aws else "name").text
        return name is not None and any(one.get(attribute).text == name for one in self.tree.by_type.get(type, ()))


def _name(resource: Resource) -> tuple[str, ...]:
    """What its bucket is called, or what says so where that is not known: one variable is one name."""
    value = resource.get("bucket")
    if value.text is not None:
        return (value.text,)
    span = value.written or value.used
    expression = span.source.text[span.start : span.end].strip() if span is not None else ""
    return (resource.target.instance, expression) if _SETTING.match(expression) else ()


def _enabled(value: Value, word: str = "true") -> bool | None:
    if value.absent:
        return False
    if value.equals(word):
        return True
    return None if value.possibly(lambda one: one.equals(word)) or not value.options else False


def _any(answers: list[bool | None]) -> bool | None:
    if any(answers):
        return True
    return None if None in answers else False


def buckets(terraform: Terraform) -> Iterator[Bucket]:
    for resource in terraform.of_types(BUCKETS):
        yield Bucket(resource, terraform)
