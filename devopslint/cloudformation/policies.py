"""The statements of policies that a template writes out."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.cloudformation.template import Resource, Template
from devopslint.cloudformation.values import ABSENT, UNKNOWN
from devopslint.deferred import NamedTuple
from devopslint.facts.iam import ASKS_HOW, anybody_has
from devopslint.model import Location
from devopslint.readers.yaml import Node

_IDENTITY = {
    "AWS::IAM::Policy": (("PolicyDocument",),),
    "AWS::IAM::ManagedPolicy": (("PolicyDocument",),),
    "AWS::IAM::RolePolicy": (("PolicyDocument",),),
    "AWS::IAM::UserPolicy": (("PolicyDocument",),),
    "AWS::IAM::GroupPolicy": (("PolicyDocument",),),
}
_WITH_POLICIES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
_RESOURCE = {
    "AWS::IAM::Role": "AssumeRolePolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
}


class Statement(NamedTuple):
    """One statement that allows something."""

    owner: Resource
    node: Node

    @property
    def label(self) -> str:
        return self.owner.label

    @property
    def location(self) -> Location:
        return self.node.location

    def texts(self, key: str) -> list[Node]:
        """The scalars under a key that are written out, and hold where nobody gives a parameter."""
        return self._written(self.node[key])

    def _written(self, node: Node) -> list[Node]:
        template = self.owner.template
        listed = template.by_default(node)
        if listed.node is None:
            return []
        if listed.node.is_scalar:
            return [listed.node] if listed.said is None else []
        items = template.evaluation.items_of(listed, template.defaults)
        single = [options[0] for options in items if len(options) == 1]
        return [one.node for one in single if one.node is not None and one.node.is_scalar and one.said is None]

    @property
    def conditional(self) -> bool:
        """Whether a condition asks for something that not everybody has."""
        template, asked = self.owner.template, self.node["Condition"]
        found = template.options(asked, template.defaults) if asked.exists else [ABSENT]
        if all(one.absent for one in found):
            return False
        if len(found) != 1 or found[0].node is None:
            return True
        given = [
            (operator.text, key.text, value) for operator, keys in found[0].node.items() for key, value in keys.items()
        ]
        limits = [
            key
            for operator, key, value in given
            if key.lower() not in ASKS_HOW and not anybody_has(operator, self._texts(value))
        ]
        return bool(limits) or not given

    def _texts(self, node: Node) -> list[str | None]:
        """What a condition asks for, each by the defaults; None for what is not known."""
        template = self.owner.template
        items = template.evaluation.items_of(template.by_default(node), template.defaults)
        return [options[0].text if len(options) == 1 else None for options in items]

    @property
    def opens(self) -> tuple[Node, str] | None:
        """By what, and whom it lets in, where that is everybody, and no condition limits it."""
        if self.conditional:
            return None
        if self.node["NotPrincipal"].exists:
            return self.node["NotPrincipal"], "everybody but those whom NotPrincipal names"
        found = self.everybody
        return None if found is None else (found, "everybody")

    @property
    def everybody(self) -> Node | None:
        """The principal that is anybody."""
        given = self.owner.template.by_default(self.node["Principal"]).node
        if given is None:
            return None
        written = self._written(given["AWS"] if given.is_mapping else given)
        return next((one for one in written if one.text == "*"), None)


def identity_statements(template: Template) -> Iterator[Statement]:
    """What the holders of identities may do."""
    for resource in template.resources:
        for path in _IDENTITY.get(resource.type, ()):
            yield from _in(resource, resource.properties.get(*path))
        if resource.type in _WITH_POLICIES:
            for policy in resource.items("Policies"):
                if policy.node is not None:
                    yield from _in(resource, policy.node["PolicyDocument"])


def resource_statements(template: Template) -> Iterator[Statement]:
    """Who may use resources, or take on roles."""
    for resource in template.resources:
        if resource.type in _RESOURCE:
            yield from _in(resource, resource.properties[_RESOURCE[resource.type]])


def _in(owner: Resource, document: Node) -> Iterator[Statement]:
    """Its statements, as far as it has them where nobody gives a parameter."""
    template = owner.template
    said = template.by_default(document).node
    listed = template.by_default(said["Statement"]) if said is not None else UNKNOWN
    if listed.node is None:
        return
    every = [[listed]] if listed.node.is_mapping else template.evaluation.items_of(listed, template.defaults)
    for options in every:
        one = options[0].node if len(options) == 1 else None
        if one is not None and one.is_mapping and one["Effect"].text == "Allow":
            yield Statement(owner, one)
