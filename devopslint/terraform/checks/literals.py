"""What is written out and had better not be: secrets, accounts, regions, images of machines."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location, Problem
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value, is_placeholder, names_secret, shows_secret
from devopslint.terraform import expressions as hcl
from devopslint.terraform.files import ModuleFile
from devopslint.terraform.flat import texts_in
from devopslint.terraform.reader import Block
from devopslint.terraform.secret_values import is_told
from devopslint.terraform.source import SourceText, all_blocks

_SECRET_NAME = compiled(
    r"(?i)(?:^|_)(?:password|passwd|passphrase|secret_string|secret_key|secret_access_key|access_key|client_secret|auth_token"
    r"|api_?key|private_key|private_key_pem|token|connection_string|sas_token|shared_key|account_key|webhook_secret"
    r"|secret_value|admin_pass|preshared_key|license_key)\Z"
)
_NO_SECRET = compiled(
    r"(?i)(?:public|next|_name|_id|_arn|_ref|_path|_file|_type|_version|continuation|page|creation|client_request)_?(?:token|key|password)\Z|manage_|^enable|^use_|ssh_key|key_name|version"
)
_IN_SCRIPT = compiled(
    r"(?im)(?:^|[\s;{])(?:export[ \t]+|set[ \t]+|setx[ \t]+)?([A-Za-z_]*(?:PASSWORD|PASSWD|SECRET_ACCESS_KEY|SECRET_KEY|ACCESS_KEY_ID|API_KEY|TOKEN|CLIENT_SECRET)[A-Za-z_]*)"
    r"[ \t]*[=:][ \t]*[\"']?([^\s\"';,}]{4,})"
)
_SHOWN = compiled(r"[ \t]*echo[ \t]+[^>|;&=]*:[^>|;&]*\Z")
"""What is only shown to whoever looks on: `echo 'Password: user'`."""
_IN_TASK = compiled(r'"name"\s*:\s*"([^"]+)"\s*,\s*"value"\s*:\s*"([^"]+)"')
_AWS_KEY_ID = compiled(r"(?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z0-9]{16}\Z")
_HOLES = compiled(r"\$|\{|<|>|\*|`")
_ARN_ACCOUNT = compiled(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12})[:/]")
_ACCOUNT_NAME = compiled(r"(?i)(?:^|_)account_?ids?\Z")
_EXAMPLE_ACCOUNTS = frozenset(
    (
        "000000000000",
        "123456789012",
        "111122223333",
        "111111111111",
        "222222222222",
        "333333333333",
        "444455556666",
        "123412341234",
        "012345678910",
        "012345678901",
        "999999999999",
    )
)
_PUBLISHERS = frozenset(
    [
        "602401143452",
        "099720109477",
        "137112412989",
        "591542846629",
        "763104351884",
        "801119661308",
        "013907871322",
        "679593333241",
        "309956199498",
        "125523088429",
        "379101102735",
        "877085696533",
        "800184023465",
        "918309763551",
        "558608220178",
        "900854079004",
        "506127536868",
        "127311923021",
        "033677994240",
        "027434742980",
        "797873946194",
        "985666609251",
        "054676820928",
        "156460612806",
        "652711504416",
        "009996457667",
        "897822967062",
        "754344448648",
        "589379963580",
        "718504428378",
        "383597477331",
        "600734575887",
        "114774131450",
        "783225319266",
        "582318560864",
        "507241528517",
        "048591011584",
        "190560391635",
        "638102146993",
        "098369216593",
        "076674570225",
        "013241004608",
        "635631232127",
        "417504560664",
        "519961870000",
        "464622532012",
        "417141415827",
        "284502282217",
        "709825985650",
        "903153235368",
        "158079356142",
        "205251557060",
        "247102896272",
        "296578399912",
        "451366187498",
        "886366864302",
        "722737811880",
        "153427709519",
    ]
)
"""Accounts of AWS itself and of those who publish images: load balancers' logs, EKS, ECS, Ubuntu, Red Hat, Amazon, Shield."""
_NAMING = frozenset(("locals", "variable", "output", "terraform"))
_UUID = compiled(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_ZERO = compiled(r"[0-]+\Z")
_REGION = compiled(
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-\d"
)
_ARN_REGION = compiled(rf"arn:aws[\w-]*:[\w-]+:({_REGION.pattern}):")
_ZONE = compiled(rf"{_REGION.pattern}[a-f]\Z")
_AMI = compiled(r"ami-[0-9a-f]{8}(?:[0-9a-f]{9})?\Z")


class Written(NamedTuple):
    """A text that is written out, with the name that it is the value of."""

    name: str
    """Of the attribute or key; empty inside a list or a call."""
    text: str
    whole: bool
    """False where something is put into it."""
    within: str
    """The type of the top-level block."""
    type: str
    """Of the resource, or of the provider."""
    names_only: bool
    """Whether its file builds and calls nothing: it only gives names to values."""
    source: SourceText
    start: int
    end: int

    @property
    def location(self) -> Location:
        return self.source.location(self.start, self.end)

    @property
    def label(self) -> str:
        return self.name


_PLAIN = compiled(r'"[^"\\\x00-\x1f$%]*+"\Z')
"""A text with nothing in it that means something else: the same in HCL and in JSON."""


def written_texts(file: ModuleFile) -> Iterator[Written]:
    source = file.source
    names_only = _NAMING.issuperset(top.type for top in source.body.blocks)
    for top in source.body.blocks:
        type = top.labels[0] if top.labels else ""
        for block in (top, *all_blocks(top)):
            for attribute in block.attributes:
                form, begin, end = attribute.form, attribute.value_start, attribute.value_end
                if source.text[begin] == '"' if form == "plain" else _PLAIN.match(source.text, begin, end):
                    raw = source.text[begin + 1 : end - 1]
                    yield Written(attribute.name, raw, True, top.type, type, names_only, source, begin, end)
                    continue
                if form == "plain" or (
                    source.text.find('"', begin, end) < 0 and source.text.find("<<", begin, end) < 0
                ):
                    continue
                flat = texts_in(source.text[begin:end], attribute.name) if form else None
                if flat is not None:
                    for name, words, first, last in flat:
                        span = begin + first, begin + last
                        yield Written(name, words, "${}" not in words, top.type, type, names_only, source, *span)
                    continue
                tree = source.value(attribute)
                if tree is not None:
                    for name, node in _texts(tree, attribute.name):
                        said = [str(part.value) if isinstance(part, hcl.Literal) else "${}" for part in node.parts]
                        whole = all(isinstance(part, hcl.Literal) for part in node.parts)
                        span = begin + node.start, begin + node.end
                        yield Written(name, "".join(said), whole, top.type, type, names_only, source, *span)


_KEEPING = (hcl.Parenthesised, hcl.Tuple, hcl.Wrapped)
_KEEPING_CALLS = frozenset(("base64encode", "sensitive", "jsonencode", "tolist", "toset"))


def _texts(tree: hcl.Expression, name: str) -> Iterator[tuple[str, hcl.Template]]:
    """The texts in a value, each with the nearest key around it."""
    pending: list[tuple[hcl.Expression, str]] = [(tree, name)]
    while pending:
        node, name = pending.pop()
        if isinstance(node, hcl.Template):
            yield name, node
        if isinstance(node, hcl.Object):
            named = {i.key.root: i.value for i in node.items if isinstance(i.key, hcl.Reference) and not i.key.steps}
            said = named.get("name")
            for item in node.items:
                key = item.key
                if isinstance(key, hcl.Template) and len(key.parts) == 1 and isinstance(key.parts[0], hcl.Literal):
                    inner = str(key.parts[0].value)
                else:
                    inner = key.root if isinstance(key, hcl.Reference) else ""
                if inner == "value" and isinstance(said, hcl.Template) and isinstance(said.parts[0], hcl.Literal):
                    inner = str(said.parts[0].value)  # {name = "DB_PASSWORD", value = "..."}
                pending.append((item.value, inner))
        elif isinstance(node, hcl.Operation):
            continue  # compared with something
        elif isinstance(node, hcl.Conditional):
            inner = "" if _is_mode(node.yes) and _is_mode(node.no) else name
            pending += [(node.no, inner), (node.yes, inner)]
        else:
            keeps = isinstance(node, _KEEPING) or (isinstance(node, hcl.Call) and node.name in _KEEPING_CALLS)
            inner = name if keeps else ""
            pending.extend((child, inner) for child in reversed(hcl.children(node)) if type(child) not in hcl.LEAVES)


_MODE = compiled(r"[A-Z]+(?:_[A-Z]+)*\Z")
"""A word by which a module is told how it is to do something: `password = var.with_vault ? "VAULT" : "RANDOM"`."""


def _is_mode(node: hcl.Expression) -> bool:
    if not isinstance(node, hcl.Template) or len(node.parts) != 1:
        return False
    part = node.parts[0]
    return isinstance(part, hcl.Literal) and _MODE.match(str(part.value)) is not None


@check("tf-secret-literal", each=written_texts)
def secret_literal(written: Written) -> Iterator[Problem]:
    # Of a backend's credentials tf-state-credentials tells.
    if written.within in ("variable", "output", "check", "moved", "import", "removed", "terraform"):
        return
    shown = shows_secret(written.text)
    if shown is not None and not _is_example(written.text):
        yield Problem(written.location, f"'{written.name}' holds {shown}")
        return
    name = written.name
    if _speaks_of_secret(name) and written.whole and written.within != "locals":
        text = written.text
        if is_told(name, text) and not _looks_up(text):
            yield Problem(written.location, f"'{name}' is given its secret as it is")
    elif name in (
        "user_data",
        "custom_data",
        "user_data_base64",
        "metadata_startup_script",
        "startup-script",
        "inline",
        "container_definitions",
    ):
        in_task = (one for one in _IN_TASK.finditer(written.text) if names_secret(one[1]) or _AWS_KEY_ID.match(one[2]))
        for found in (*_IN_SCRIPT.finditer(written.text), *in_task):
            value = found[2]
            line = written.text[written.text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
            if _SHOWN.match(line):
                continue
            if not _HOLES.search(value) and holds_value(value) and not is_placeholder(value):
                yield Problem(written.location, f"'{name}' sets {found[1]} to its secret")
                return


@functools.lru_cache(maxsize=10_000)
def _speaks_of_secret(name: str) -> bool:
    secret = _SECRET_NAME.search(name) or (name.isupper() and names_secret(name))
    return bool(secret) and not _NO_SECRET.search(name)


def _is_example(text: str) -> bool:
    return "EXAMPLE" in text and "PRIVATE KEY" not in text


def _looks_up(text: str) -> bool:
    """Whether the text is an address of the secret, not the secret."""
    return (
        re.match(
            r"(?:arn:|projects/|/|https?://[^@]*\Z|vault:|ssm:|resolve:|\{\{|@Microsoft\.KeyVault|data\.|var\.)", text
        )
        is not None
    )


@check("tf-hardcoded-account", each=written_texts)
def hardcoded_account(written: Written) -> Iterator[Problem]:
    if written.within in ("variable", "check", "import", "moved", "removed") or written.name == "description":
        return
    if written.within == "terraform":
        return  # a backend takes no variables
    for found in _ARN_ACCOUNT.finditer(written.text) if "arn:aws" in written.text else ():
        if found[1] not in _EXAMPLE_ACCOUNTS | _PUBLISHERS and ":repository/aws-" not in written.text:
            yield Problem(written.location, f"account {found[1]} is written into an ARN")
            return
    text = written.text.strip()
    if written.whole and _ACCOUNT_NAME.search(written.name) and re.fullmatch(r"\d{12}", text):
        if not written.names_only and text not in _EXAMPLE_ACCOUNTS | _PUBLISHERS:
            yield Problem(written.location, f"account {text} is written out")
    elif written.within == "provider" and written.whole:
        if written.name in ("subscription_id", "tenant_id") and _UUID.match(text) and not _ZERO.match(text):
            yield Problem(written.location, f"{written.name} of provider {written.type} is written out")
        elif (
            written.name == "project"
            and written.type in ("google", "google-beta")
            and re.fullmatch(r"[a-z][a-z0-9-]{5,29}", text)
        ):
            if not is_placeholder(text) and not re.search(r"example|sample|project-?id|^my-|^your-", text):
                yield Problem(written.location, f"project '{text}' of provider {written.type} is written out")


@check("tf-hardcoded-region", each=written_texts)
def hardcoded_region(written: Written) -> Iterator[Problem]:
    if written.within in ("variable", "check", "provider", "terraform"):
        return
    found = _ARN_REGION.search(written.text) if "arn:aws" in written.text else None
    if found is not None:
        yield Problem(written.location, f"region {found[1]} is written into an ARN")
    elif (
        written.whole
        and written.name in ("availability_zone", "availability_zones", "azs")
        and _ZONE.match(written.text)
    ):
        yield Problem(written.location, f"zone {written.text} is written out")


@check("tf-hardcoded-ami", each=written_texts)
def hardcoded_ami(written: Written) -> Iterator[Problem]:
    if written.within == "resource" and written.whole and _AMI.match(written.text):
        yield Problem(written.location, f"{written.text} is an image of one region, and has no updates")


class Inner(NamedTuple):
    """A block in a resource, with where it stands."""

    owner: str
    block: Block
    ignored: bool
    location: Location

    @property
    def label(self) -> str:
        return self.owner


def inner_blocks(file: ModuleFile) -> Iterator[Inner]:
    source = file.source
    for top in source.body.blocks:
        if top.type == "resource" and len(top.labels) == 2:
            for block in top.blocks:
                if block.type in ("lifecycle", "provisioner"):
                    everything = next((one for one in block.attributes if one.name == "ignore_changes"), None)
                    tree = None if everything is None else source.value(everything)
                    ignored = (isinstance(tree, hcl.Reference) and tree.root == "all") or (
                        isinstance(tree, hcl.Template) and [getattr(p, "value", None) for p in tree.parts] == ["all"]
                    )
                    at = source.of_block(block) if everything is None else source.of_attribute(everything)
                    yield Inner(".".join(top.labels), block, ignored, at)


@check("tf-lifecycle-ignore-all", each=inner_blocks)
def lifecycle_ignore_all(inner: Inner) -> Iterator[Problem]:
    if inner.ignored:
        yield Problem(inner.location, f"no change of {inner.owner} is ever seen: ignore_changes is all")


@check("tf-null-resource-provisioner", each=inner_blocks)
def null_resource_provisioner(inner: Inner) -> Iterator[Problem]:
    if inner.block.type == "provisioner" and inner.block.labels in (("local-exec",), ("remote-exec",)):
        yield Problem(
            inner.location, f"what {inner.block.labels[0]} of {inner.owner} does is in no plan and in no state"
        )
