"""Variables and outputs: their types, their descriptions, and what is secret in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from devopslint.deferred import compiled
from devopslint.model import Location, Problem, Related
from devopslint.registry import check
from devopslint.secrets.judgement import is_evident, names_access_key, names_no_secret, names_secret
from devopslint.terraform import expressions as hcl
from devopslint.terraform.modules import Module, Terraform, loads_itself
from devopslint.terraform.reader import Attribute
from devopslint.terraform.references import references_in, references_of
from devopslint.terraform.secret_values import is_told
from devopslint.terraform.source import SourceText, all_attributes
from devopslint.terraform.subjects import (
    ModuleSubject,
    Named,
    StackVariable,
    modules,
    outputs,
    stack_variables,
    variables,
)

_MOST_USES = 10
"""Of a name that is not declared, besides the first."""
_NOT_SECRET = compiled(
    r"_(?:arns?|names?|ids?|locations?|enabled|lengths?|versions?|paths?|types?|files?|count|policy|config|settings|rotation\w*"
    r"|keys?_alias|prefix|suffix|ttl|manager|expiration|days|username|user|urls?|uris?|refs?|references?|keepers|size"
    r"|authorized_keys?|dates?|curve|provider(?:_\w+)?|algorithm|labels|annotations|tags|region|scopes?|audience|endpoint|store|engine|create|required|recovery\w*)\Z"
    r"|\A(?:enable|create|use|has|is|allow|disable|require|rotate|generate|manage|store|random|number)_"
)
_SECRET = compiled(
    r"(?:^|_)(?:passwords?|passwd|secrets?|tokens?|api_?keys?|private_keys?|passphrases?|connection_strings?"
    r"|access_keys?|secret_keys?|client_secrets?|credentials?)(?:$|_)"
)
_VALUE = compiled(
    r"(?:b64|base64(?:encoded)?|binary|body|contents?|current|data|dev|encoded|json|map|new|old|openssh|override|pem"
    r"|plain(?:text)?|prod(?:uction)?|raw|staging|strings?|text|values?|wo|\d*)\Z"
)
"""Words behind the one that speaks of a secret which still mean the secret itself."""
_DOES = compiled(r"(?:^|[_-])(?:allow|can|change|disable|enable|generate|get|manage|require|reset|rotate|skip|use)[_-]")
"""A switch that speaks of secrets: can_use_api_keys, get_password_data."""
_NO_SECRET_ITSELF = compiled(
    r"(?:encryption|ssh|pgp|gpg)[_-]?keys?\Z|(?:creation|event_source|client_request)_tokens?\Z"
)
"""What names a key in KMS, is public, or only tells one request from another."""
_NAMES_ONE = compiled(
    r"(?i)\bARNs?\b|\bkey ?vault'?s? secrets? (?:containing|holding|name|with|for|that)\b|\bsecret(?:'s)? (?:id|name|arn)\b|\b(?:id|name|arn|path)s? of (?:the|an?|your) (?:[\w-]+ ){0,3}(?:secret|parameter)\b"
    r"|\b(?:paths?|file(?:[ -]?name)?s?) (?:containing|for|of|to|with) (?:(?:the|an?|your) )?(?:[\w-]+ ){0,3}(?:credential|key|password|secret|token)s?\b"
)
"""A description of something that only says which secret is meant."""
_TYPE_OF_TEXT = compiled(r'\A"?(?:string|any)"?\Z')
_RANDOM = frozenset(("random_password", "tls_private_key"))
_SECRET_ATTRIBUTES = frozenset(
    (
        "password",
        "master_password",
        "private_key_pem",
        "private_key_openssh",
        "secret_string",
        "secret",
        "client_secret",
    )
)


@check("tf-untyped-variable", each=variables)
def untyped_variable(variable: Named) -> Iterator[Problem]:
    if variable.declared.attribute("type") is None and not variable.declared.block.broken:
        yield Problem(variable.location, f"variable '{variable.name}' has no type, so that anything may be given")


@check("tf-untyped-variable", each=stack_variables)
def untyped_stack_variable(variable: StackVariable) -> Iterator[Problem]:
    if not variable.typed:
        yield Problem(variable.location, f"variable '{variable.name}' has no type, which a stack asks for")


@check("tf-any-variable", each=variables)
def any_variable(variable: Named) -> Iterator[Problem]:
    tree = variable.declared.tree("type")
    if (isinstance(tree, hcl.Reference) and tree.root == "any" and not tree.steps) or hcl.text_of(tree) == "any":
        yield Problem(variable.declared.at("type"), f"variable '{variable.name}' takes anything: its type is any")


@check("tf-undescribed-variable", each=variables)
def undescribed_variable(variable: Named) -> Iterator[Problem]:
    yield from _undescribed(variable, "what to give is a guess")


@check("tf-undescribed-output", each=outputs)
def undescribed_output(output: Named) -> Iterator[Problem]:
    yield from _undescribed(output, "what it gives is a guess")


def _undescribed(named: Named, so: str) -> Iterator[Problem]:
    if named.declared.block.broken or named.owner.module.aside:
        return
    said = named.declared.literal("description")
    if named.declared.attribute("description") is None or (said is not None and not said.strip()):
        yield Problem(named.location, f"{named.declared.block.type} '{named.name}' has no description: {so}")


def _is_secret(variable: Named) -> bool:
    name = variable.name.lower()
    if not _is_secret_name(name) or _NO_SECRET_ITSELF.search(name) or _DOES.search(name):
        return False
    if names_no_secret(name) and not name.endswith("connection_string"):
        return False
    if _NAMES_ONE.search(variable.declared.literal("description") or ""):
        return False
    if f"{variable.name}_version" in variable.owner.module.variables:
        return False  # a secret that has versions is named, and kept elsewhere
    if (variable.declared.literal("default") or "").startswith(("/", "arn:", "projects/")):
        return False  # where it is kept
    found = variable.declared.attribute("type")
    if found is None:
        return not isinstance(variable.declared.tree("default"), hcl.Tuple | hcl.Object)
    if isinstance(variable.declared.tree("default"), hcl.Tuple | hcl.Object):
        return False
    return _TYPE_OF_TEXT.match(found[0].text[found[1].value_start : found[1].value_end]) is not None


def _is_secret_name(name: str) -> bool:
    """Whether something of this name is a secret: db_password and api_key_value are, password_min_upper is not."""
    if _NOT_SECRET.search(name) or names_access_key(name):
        return False
    *_, last = (None, *_SECRET.finditer(name))
    if last is None:
        return names_secret(name)
    behind = name[last.end() :].replace("-", "_").split("_")
    return all(map(_VALUE.match, behind))


@check("tf-secret-not-sensitive", each=variables)
def secret_not_sensitive(variable: Named) -> Iterator[Problem]:
    if _is_secret(variable) and not variable.declared.block.broken and not variable.owner.module.aside:
        body = variable.body
        if not any(body.get(name).is_true or body.get(name).unknown for name in ("sensitive", "ephemeral")):
            yield Problem(
                variable.location, f"variable '{variable.name}' holds a secret, and plans show it: it is not sensitive"
            )


@check("tf-secret-default", each=variables)
def secret_default(variable: Named) -> Iterator[Problem]:
    text = hcl.text_of(variable.declared.tree("default"))
    if text is None:
        return
    if text.isalpha() and text in variable.owner.module.repeated_defaults:
        return  # a word that stands for many things is nobody's secret: "stagingonly"
    if _is_secret(variable) and is_told(variable.name, text):
        said = f"variable '{variable.name}' has its secret for a default"
        yield Problem(variable.declared.at("default"), said, certain=is_evident(text))


@check("tf-secret-output", each=outputs)
def secret_output(output: Named) -> Iterator[Problem]:
    body = output.body
    if any(body.get(name).is_true or body.get(name).unknown for name in ("sensitive", "ephemeral")):
        return
    if output.owner.called or "modules" in output.owner.module.folder.split("/"):
        return  # what Terraform knows to be sensitive stays so on its way to the caller, and is shown by nobody
    for node in references_in(output.declared.tree("value")):
        steps = [step for step in node.steps if isinstance(step, str)]
        if (
            node.root in _RANDOM
            and steps[-1:]
            and steps[-1] in ("result", "bcrypt_hash", "private_key_pem", "private_key_openssh")
        ) or ("_" in node.root and len(steps) == 2 and steps[1] in _SECRET_ATTRIBUTES):
            said = f"{node.root}.{'.'.join(steps)}"
        elif node.root == "var" and steps and _is_sensitive(output.owner, steps[0]):
            said = f"var.{steps[0]}"
        else:
            continue
        if not _is_hidden(output, node):
            yield Problem(output.location, f"output '{output.name}' gives {said} away: it is not sensitive")
        return


def _is_hidden(output: Named, node: hcl.Reference) -> bool:
    """Whether only something made of it is given: a length, a hash."""
    tree = output.declared.tree("value")
    if tree is None:
        return False
    for call in hcl.walk(tree):
        if isinstance(call, hcl.Call) and call.start <= node.start and node.end <= call.end:
            if call.name in ("nonsensitive", "length", "sha256", "sha512", "md5", "sha1", "keys"):
                return True
        if isinstance(call, hcl.Operation) and call.operator in ("==", "!=") and call.start <= node.start < call.end:
            return True
        if isinstance(call, hcl.Conditional) and call.condition.start <= node.start < call.condition.end:
            return True
    return False


def _is_sensitive(owner: ModuleSubject, name: str) -> bool:
    declared = owner.module.variables.get(name)
    return declared is not None and owner.instance.body(declared).get("sensitive").is_true


@check("tf-unused-variable", each=variables, complete=True)
def unused_variable(variable: Named) -> Iterator[Problem]:
    owner = variable.owner
    if owner.open or variable.name in owner.module.used_variables:
        return
    if ("var", variable.name) not in {reference[:2] for reference in owner.queried}:
        yield Problem(variable.location, f"variable '{variable.name}' is declared, and nothing uses it")


@check("tf-unused-local", each=modules, complete=True)
def unused_local(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.open:
        return
    used = {steps[0] for steps in subject.module.references.get("local", ()) if steps}
    used |= {reference[1] for reference in subject.queried if reference[0] == "local" and len(reference) > 1}
    for name, (file, attribute) in subject.module.locals.items():
        if name not in used:
            yield Problem(file.of_attribute(attribute), f"local '{name}' is set, and nothing uses it")


@check("tf-unused-data", each=modules, complete=True)
def unused_data(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.open:
        return
    used = {steps[:2] for steps in subject.module.references.get("data", ())}
    used |= {reference[1:3] for reference in subject.queried if reference[0] == "data"}
    for (mode, type, name), declared in subject.module.resources.items():
        if mode != "data" or (type, name) in used or any(one.type == "lifecycle" for one in declared.block.blocks):
            continue
        if not any(f"data.{type}.{name}" in file.text for file in subject.module.files if file.is_json):
            yield Problem(declared.location, f"data source '{type}.{name}' is read, and nothing uses it")
    for declared in subject.module.others:
        for block in declared.block.blocks if declared.block.type == "check" else ():
            if block.type == "data" and len(block.labels) == 2 and tuple(block.labels) not in used:
                place = declared.source.of_block(block)
                yield Problem(place, f"data source '{'.'.join(block.labels)}' is read, and nothing uses it")


@check("tf-undeclared-variable", each=modules, complete=True)
def undeclared_variable(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.open:
        return
    module = subject.module
    named = {root: {steps[0] for steps in module.references.get(root, ()) if steps} for root in ("var", "local")}
    if named["var"] <= module.variables.keys() and named["local"] <= module.locals.keys():
        return
    missing = {f"var.{name}" for name in named["var"] - module.variables.keys()}
    missing |= {f"local.{name}" for name in named["local"] - module.locals.keys()}
    if _is_laid_beside_others(subject, named):
        return
    found = _places_of(missing, module)
    for name, (first, *others) in found.items():
        yield Problem(
            first,
            f"{name} is declared in no file of '{subject.label}'",
            tuple(Related(place, "it is used here, too") for place in others),
        )


def _is_laid_beside_others(subject: ModuleSubject, named: dict[str, set[Any]]) -> bool:
    """Whether it declares nothing itself, and all that it asks for stands in a folder above, into which it is copied."""
    module = subject.module
    if subject.called or module.variables or module.locals or module.providers or module.settings:
        return False
    folder = module.folder
    while folder:
        folder = folder.rpartition("/")[0]
        above = subject.tree.modules.get(folder)
        if above is not None and named["var"] <= above.variables.keys() and named["local"] <= above.locals.keys():
            return True
    return False


def _places_of(missing: set[str], module: Module) -> dict[str, list[Location]]:
    """Where these are used, as many places of each as are told."""
    spoken = re.compile("|".join(re.escape(name.partition(".")[2]) for name in missing))
    found: dict[str, list[Location]] = {}
    waiting = len(missing)
    for file in module.files:
        for attribute in all_attributes(file.body):
            if not spoken.search(file.text, attribute.value_start, attribute.value_end):
                continue
            for node in references_of(file, attribute):
                name = f"{node.root}.{node.steps[0] if node.steps else ''}"
                if name in missing and isinstance(node.steps[0], str):
                    places = found.setdefault(name, [])
                    if len(places) <= _MOST_USES:
                        start = attribute.value_start + node.start
                        places.append(file.location(start, attribute.value_start + node.end))
                        waiting -= len(places) > _MOST_USES
            if not waiting:
                return found
    return found


class GivenValue:
    """A value in a file of values, with the module that it is for."""

    def __init__(self, owner: ModuleSubject, file: SourceText, attribute: Attribute) -> None:
        self.owner, self.file, self.attribute = owner, file, attribute

    @property
    def label(self) -> str:
        return self.attribute.name

    @property
    def location(self) -> Location:
        return self.file.of_attribute(self.attribute)


def given_values(terraform: Terraform) -> Iterator[GivenValue]:
    for subject in modules(terraform):
        for file in subject.module.values:
            if not _completes_backend(file, subject.module):
                for attribute in file.body.attributes:
                    yield GivenValue(subject, file, attribute)


def _completes_backend(file: SourceText, module: Module) -> bool:
    """Whether it is for `-backend-config`: nothing in it is a variable, and only what names it reads it."""
    names = {attribute.name for attribute in file.body.attributes}
    return (
        bool(module.backends) and not loads_itself(posixpath.basename(file.path)) and names.isdisjoint(module.variables)
    )


@check("tf-undeclared-value", each=given_values, complete=True)
def undeclared_value(given: GivenValue) -> Iterator[Problem]:
    if not given.owner.open and given.attribute.name not in given.owner.module.variables:
        yield Problem(given.location, f"a value is given for '{given.attribute.name}', which is no variable here")


class ValueFile:
    """A file of values."""

    def __init__(self, file: SourceText, secret: frozenset[str]) -> None:
        self.file, self.secret = file, secret

    @property
    def label(self) -> str:
        return self.file.path

    @property
    def location(self) -> Location:
        return self.file.location(0, 0)


def value_files(terraform: Terraform) -> Iterator[ValueFile]:
    sensitive = frozenset(
        name
        for module in terraform.modules.values()
        for name, declared in module.variables.items()
        if isinstance(tree := declared.tree("sensitive"), hcl.Literal) and tree.value is True
    )
    for file in terraform.values:
        yield ValueFile(file, sensitive)


@check("tf-tfvars-secret", each=value_files)
def tfvars_secret(values: ValueFile) -> Iterator[Problem]:
    file = values.file
    if re.search(r"(?i)example|sample|template|dist\b", file.name) or "fixtures" in file.folder.split("/"):
        return
    for attribute in file.body.attributes:
        name = attribute.name.lower()
        secret = (_is_secret_name(name) and _SECRET.search(name)) or (
            name in values.secret and not names_no_secret(name)  # plans shall not show an id, and it is no secret
        )
        text = hcl.text_of(file.value(attribute))
        if secret and is_told(attribute.name, text):
            said = f"'{attribute.name}' is given its secret as it is"
            yield Problem(file.of_attribute(attribute), said, certain=is_evident(text or ""))
