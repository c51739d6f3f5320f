"""The statements of policies that a template writes out."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.cloudformation.template import Resource, Template
from devopslint.deferred import NamedTuple
from devopslint.facts.iam import ASKS_HOW
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
        """The scalars under a key that are written out."""
        return [one for one in self.node[key].strings() if one.tag is None]

    @property
    def conditional(self) -> bool:
        """Whether a condition asks for something that not everybody has."""
        asked = self.node["Condition"]
        keys = [key.text for _, given in asked.items() for key, _ in given.items()]
        return asked.present and (not keys or any(key.lower() not in ASKS_HOW for key in keys))

    @property
    def everybody(self) -> Node | None:
        """The principal that is anybody."""
        principal = self.node["Principal"]
        for one in (*principal.strings(), *principal["AWS"].strings()):
            if one.text == "*" and one.tag is None:
                return one
        return None


def identity_statements(template: Template) -> Iterator[Statement]:
    """What the holders of identities may do."""
    for resource in template.resources:
        for path in _IDENTITY.get(resource.type, ()):
            yield from _in(resource, resource.properties.get(*path))
        if resource.type in _WITH_POLICIES:
            for policy in resource.properties["Policies"]:
                yield from _in(resource, policy["PolicyDocument"])


def resource_statements(template: Template) -> Iterator[Statement]:
    """Who may use resources, or take on roles."""
    for resource in template.resources:
        if resource.type in _RESOURCE:
            yield from _in(resource, resource.properties[_RESOURCE[resource.type]])


def _in(owner: Resource, document: Node) -> Iterator[Statement]:
    listed = document["Statement"]
    for one in listed if listed.is_sequence else (listed,):
        if one.is_mapping and one["Effect"].text == "Allow":
            yield Statement(owner, one)
