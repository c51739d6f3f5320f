"""What policies of AWS allow: written as JSON, made with jsonencode, or as a data source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from devopslint.deferred import NamedTuple, compiled
from devopslint.facts.iam import ASKS_HOW, anybody_has
from devopslint.model import Location, Related
from devopslint.terraform.json_syntax import JsonFault, JsonValue, parse_json
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.values import HOLE, Span, Value, from_plain

_INTERPOLATION = compiled(r"\$\{[^{}]*\}")
_PUBLIC_ARN = compiled(r"arn:aws[\w-]*:iam::\*(?::.*)?\Z")

POLICIES = {
    "aws_iam_policy": ("policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_iam_group_policy": ("policy",),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy",),
    "aws_iam_role": ("inline_policy.policy",),
}
"""What the holder of an identity may do."""
TRUSTS = {"aws_iam_role": ("assume_role_policy",)}
RESOURCE_POLICIES = {
    "aws_sqs_queue": ("policy",),
    "aws_sqs_queue_policy": ("policy",),
    "aws_sns_topic": ("policy",),
    "aws_sns_topic_policy": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_kms_key_policy": ("policy",),
    "aws_ecr_repository_policy": ("policy",),
    "aws_ecrpublic_repository_policy": (),
    "aws_secretsmanager_secret": ("policy",),
    "aws_secretsmanager_secret_policy": ("policy",),
    "aws_efs_file_system_policy": ("policy",),
    "aws_glacier_vault": ("access_policy",),
    "aws_backup_vault_policy": ("policy",),
    "aws_codeartifact_domain_permissions_policy": ("policy_document",),
    "aws_elasticsearch_domain": ("access_policies",),
    "aws_opensearch_domain": ("access_policies",),
    "aws_elasticsearch_domain_policy": ("access_policies",),
    "aws_opensearch_domain_policy": ("access_policies",),
}
"""Who may use a resource; buckets are judged by themselves."""
BUCKET_POLICIES = {"aws_s3_bucket": ("policy",), "aws_s3_bucket_policy": ("policy",)}


class Statement(NamedTuple):
    """One statement of a policy; lists hold what is known of them."""

    owner: Resource
    allows: bool
    actions: tuple[Value, ...]
    resources: tuple[Value, ...]
    principals: tuple[tuple[str, Value], ...]
    """(AWS, Service, Federated or `*`; who)."""
    conditions: tuple[tuple[str, str, Value], ...]
    """(operator, key, what is asked for)."""
    place: Location
    inverted: bool
    """Whether it says what is not meant: NotAction, NotResource, NotPrincipal."""
    spared: tuple[Value, ...]
    """What NotAction leaves out."""
    excepts: bool
    """Whether NotPrincipal says whom it does not speak of."""

    @property
    def label(self) -> str:
        return self.owner.label

    @property
    def location(self) -> Location:
        return self.place

    @property
    def told(self) -> tuple[Related, ...]:
        return self.owner.told

    @property
    def gist(self) -> tuple[object, ...]:
        """Who may do what, where nothing tells one resource from another but whether all are meant."""
        return (
            self.allows,
            self.inverted,
            self.conditional,
            *(one.shown for one in self.actions),
            any(one.equals("*") for one in self.resources),
            *(one.shown for _, one in self.principals),
        )

    @property
    def conditional(self) -> bool:
        """Whether a condition asks for something that not everybody has."""
        return any(
            key.lower() not in ASKS_HOW and not _anybody_has(operator, value)
            for operator, key, value in self.conditions
        )

    @property
    def publishes(self) -> bool:
        """Whether it lets read objects, and do nothing else: so does who publishes them."""
        return bool(self.actions) and all(
            action.certainly(lambda one: (one.text or "").lower().startswith("s3:getobject")) for action in self.actions
        )

    @property
    def opens(self) -> str:
        """Whom it lets in where that is everybody, and no condition limits it; empty where it is not."""
        if not self.allows or self.conditional:
            return ""
        if self.excepts:
            return "everybody but those whom it leaves out"
        return "everybody" if not self.inverted and self.everybody is not None else ""

    @property
    def everybody(self) -> Value | None:
        """Of whom it speaks, the one who is anybody."""
        for kind, value in self.principals:
            if kind in ("AWS", "*") and value.certainly(
                lambda one: one.text == "*" or _PUBLIC_ARN.match(one.text or "") is not None
            ):
                return value
        return None


def _anybody_has(operator: str, value: Value) -> bool:
    """Whether a condition asks for what anybody has, whatever the value may be."""
    options = [[item.text for item in one.items] for one in value.options]
    return all(anybody_has(operator, texts) for texts in options or [[]])


def statements(terraform: Terraform, table: Mapping[str, tuple[str, ...]]) -> Iterator[Statement]:
    """The statements that resources of these types hold themselves; those of data sources are documents()."""
    for resource in terraform.told_of(table):
        yield from statements_of(resource, table)


def statements_of(resource: Resource, table: Mapping[str, tuple[str, ...]]) -> Iterator[Statement]:
    """Those that one resource holds itself; what only some of several documents allow is not allowed for sure."""
    for path in table.get(resource.type, ()):
        value = resource.get(path)
        if value.kind != "choice":
            yield from _in_value(resource, value)
            continue
        documents = [list(_in_value(resource, option)) for option in value.options]
        everywhere = set.intersection(*({one.gist for one in document} for document in documents))
        for one in (one for document in documents for one in document):
            yield one if one.gist in everywhere else one._replace(allows=False)


def documents(terraform: Terraform) -> Iterator[Statement]:
    """The statements of all aws_iam_policy_document data sources."""
    for resource in terraform.resources:
        if resource.mode == "data" and resource.type == "aws_iam_policy_document":
            yield from _of_document(resource)


def _in_value(owner: Resource, value: Value) -> Iterator[Statement]:
    document = None
    if value.kind == "map":
        document = value
    elif value.kind == "scalar" and isinstance(value.data, str):
        document = _from_text(value)
    if document is not None:
        listed = document.get("Statement")
        for one in listed.items if listed.kind == "list" else (listed,):
            if one.kind == "map":
                yield _of_json(owner, one)


def _from_text(value: Value) -> Value | None:
    """The document in a text; one that stands in a heredoc keeps its places."""
    span = value.written
    if span is not None and span.source.text.startswith("<<", span.start):
        begin = span.source.text.index("\n", span.start) + 1
        body = span.source.text[begin : span.end]
        body = body[: body.rstrip().rfind("\n") + 1] or body
        try:
            located = _located(parse_json(body, lenient=True), span, begin)._replace(used=value.used)
        except (JsonFault, RecursionError):
            pass
        else:
            return _filled(located, _read(value.data)) if "${" in body else located
    read = _read(value.data)
    return None if read is None else from_plain(read, span)._replace(used=value.used)


def _read(text: str) -> object:
    """What JSON says; None where it is none."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _filled(located: Value, read: object) -> Value:
    """A document with its places, and what is put into its texts as far as that is known."""
    if located.kind == "map" and isinstance(read, dict):
        made = {key: _filled(inner, read.get(key)) for key, inner in located.data.items()}
        return located._replace(data=made)
    if located.kind == "list" and isinstance(read, list) and len(read) == len(located.data):
        return located._replace(data=tuple(map(_filled, located.data, read)))
    if located.kind == "scalar" and located.open and isinstance(read, str):
        return located._replace(data=read, open=HOLE in read)
    return located


def _located(node: JsonValue, span: Span, begin: int) -> Value:
    written = Span(span.source, begin + node.start, begin + node.end)
    if node.kind == "{":
        return Value("map", {key: _located(inner, span, begin) for key, _, inner in node.items}, written)
    if node.kind == "[":
        return Value("list", tuple(_located(inner, span, begin) for _, _, inner in node.items), written)
    if node.kind == '"':
        text = _INTERPOLATION.sub(HOLE, node.text)
        return Value("scalar", text, written, open=HOLE in text)
    return Value("scalar", json.loads(node.text), written)


def _of_json(owner: Resource, statement: Value) -> Statement:
    effect = statement.get("Effect")
    principals: list[tuple[str, Value]] = []
    who = statement.get("Principal")
    if who.kind == "map":
        principals = [(kind, one) for kind in who.data for one in who.get(kind).items]
    else:
        principals = [("*", one) for one in who.items]
    conditions: list[tuple[str, str, Value]] = []
    asked = statement.get("Condition")
    if asked.kind == "map":
        for operator in asked.data:
            inner = asked.get(operator)
            conditions += (
                [(operator, key, inner.get(key)) for key in inner.data]
                if inner.kind == "map"
                else [(operator, "", inner)]
            )
    elif not asked.absent:
        conditions.append(("", "", asked))
    return Statement(
        owner,
        effect.absent or effect.equals("Allow"),
        statement.get("Action").items,
        statement.get("Resource").items,
        tuple(principals),
        tuple(conditions),
        statement.location,
        any(name in statement.data for name in ("NotAction", "NotResource", "NotPrincipal")),
        statement.get("NotAction").items if "NotAction" in statement.data else (),
        "NotPrincipal" in statement.data,
    )


def _of_document(document: Resource) -> Iterator[Statement]:
    for body in document.blocks("statement"):
        if body.maybe:
            continue
        effect = body.get("effect")
        principals = [
            ("*" if kind.equals("*") else kind.text or "", one)
            for block in body.blocks("principals")
            if not block.maybe
            for kind in (block.get("type"),)
            for one in block.get("identifiers").items
        ]
        conditions = [
            (block.get("test").text or "", block.get("variable").text or "", block.get("values"))
            for block in body.blocks("condition")
        ]
        yield Statement(
            document,
            effect.absent or effect.equals("Allow"),
            body.get("actions").items,
            body.get("resources").items,
            tuple(principals),
            tuple(conditions),
            body.location,
            any(body.written(name) for name in ("not_actions", "not_resources")) or bool(body.blocks("not_principals")),
            body.get("not_actions").items if body.written("not_actions") else (),
            any(not block.maybe for block in body.blocks("not_principals")),
        )
