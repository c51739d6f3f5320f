"""How a module is laid out and documented."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Problem, Related
from devopslint.registry import check
from devopslint.terraform.modules import Declaration
from devopslint.terraform.subjects import ModuleSubject, modules

_SNAKE_CASE = compiled(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")


@check("tf-variable-elsewhere", each=modules)
def variable_elsewhere(subject: ModuleSubject) -> Iterator[Problem]:
    module = subject.module
    for type, declared in () if module.aside else (("variable", module.variables), ("output", module.outputs)):
        files: dict[str, list[Declaration]] = {}
        for one in declared.values():
            if not one.source.is_json and not one.source.name.startswith(f"{type}s"):
                files.setdefault(one.source.name, []).append(one)
        for file, (first, *others) in files.items():
            named = f"{type} '{first.block.labels[0]}' is"
            if others:
                named = f"{type} '{first.block.labels[0]}' and {len(others)} more are"
            related = tuple(Related(one.location, f"{type} '{one.block.labels[0]}'") for one in others)
            yield Problem(first.location, f"{named} declared in {file}, not in {type}s.tf", related)


@check("tf-module-without-main", each=modules, complete=True)
def module_without_main(subject: ModuleSubject) -> Iterator[Problem]:
    module = subject.module
    if module.aside or subject.open or any(file.is_json for file in module.files):
        return
    if not any(file.name in ("main.tf", "main.tofu") for file in module.files) and _is_module(subject):
        yield Problem(subject.location, f"module '{subject.label}' has no main.tf to begin reading at")


def _is_module(subject: ModuleSubject) -> bool:
    return "modules" in subject.module.folder.split("/") or bool(subject.tree.callers.get(subject.module.folder))


@check("tf-module-without-readme", each=modules, complete=True)
def module_without_readme(subject: ModuleSubject) -> Iterator[Problem]:
    module = subject.module
    if module.aside or not module.variables or not _is_module(subject):
        return
    if module.folder not in subject.tree.with_readme:
        yield Problem(subject.location, f"module '{subject.label}' has no README that shows how it is called")


@check("tf-naming", each=modules)
def naming(subject: ModuleSubject) -> Iterator[Problem]:
    module = subject.module
    asserting = [other for other in module.others if other.block.type == "check" and other.block.labels]
    for declared in (*module.variables.values(), *module.outputs.values(), *module.resources.values(), *asserting):
        name = declared.block.labels[-1]
        if not _SNAKE_CASE.match(name):
            yield Problem(declared.location, f"'{name}' is not in snake_case")
    for call in module.calls.values():
        if not _SNAKE_CASE.match(call.name):
            yield Problem(call.location, f"'{call.name}' is not in snake_case")
    for name, (file, attribute) in module.locals.items():
        if not _SNAKE_CASE.match(name):
            yield Problem(file.of_attribute(attribute), f"'{name}' is not in snake_case")


@check("tf-name-repeats-type", each=modules)
def name_repeats_type(subject: ModuleSubject) -> Iterator[Problem]:
    for (_, type, name), declared in subject.module.resources.items():
        rest = type.partition("_")[2]
        if rest and name.lower() in (rest, type):
            yield Problem(declared.location, f"'{name}' says no more than its type {type}")


_HEADINGS = {"variable": ("Inputs", "Input", "Variables"), "output": ("Outputs", "Output")}


@check("tf-readme-out-of-date", each=modules, complete=True)
def readme_out_of_date(subject: ModuleSubject) -> Iterator[Problem]:
    readme = subject.tree.readmes.get(subject.module.folder)
    if readme is None or readme.names is None or subject.open:
        return
    module = subject.module
    if not readme.names:
        if module.variables or module.outputs:
            yield Problem(subject.location, f"the table of {readme.path} is empty", certain=False)
        return
    for kind, declared in (("variable", module.variables), ("output", module.outputs)):
        if readme.names.isdisjoint({*declared, *_HEADINGS[kind]}) or (kind == "output" and readme.inputs_only):
            continue  # terraform-docs was told to leave them out
        for name, one in declared.items():
            if name not in readme.names:
                yield Problem(one.location, f"the table of {readme.path} lacks {kind} '{name}'")
    for row, name in readme.rows:
        kind, known = ("variable", module.variables) if row == "input" else ("output", module.outputs)
        if name not in known:
            said = f"the table of {readme.path} tells of {kind} '{name}', which is not declared"
            yield Problem(subject.location, said)


@check("tf-readme-without-usage", each=modules, complete=True)
def readme_without_usage(subject: ModuleSubject) -> Iterator[Problem]:
    readme = subject.tree.readmes.get(subject.module.folder)
    module = subject.module
    if readme is not None and not readme.usage and module.variables and not module.aside and _is_module(subject):
        yield Problem(subject.location, f"{readme.path} shows no call of the module")
