"""Who chooses the text that an expression of GitHub Actions gives: nobody, the pipeline, its users, or anyone."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator
from itertools import islice

from devopslint.deferred import cached_property, dataclass
from devopslint.github.authors import OWN_EVENTS, is_of_ours
from devopslint.github.enabled import live_action_steps, live_steps
from devopslint.github.expressions import (
    Call,
    Comparison,
    Context,
    Expression,
    Filter,
    Index,
    Literal,
    Logical,
    Not,
    Property,
    Reference,
    condition,
    expressions,
    path_of,
    text_of,
)
from devopslint.github.files import ActionFile, WorkflowFile
from devopslint.github.marketplace import code_inputs
from devopslint.github.platform import MOST_MATRIX_JOBS
from devopslint.github.workflow import Embedded, Job, Step, Workflow
from devopslint.model import Location
from devopslint.readers.yaml import Node, Scalar

_DEEPEST = 4
"""Values that refer to other values which are followed."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Author(enum.IntEnum):
    """Who can choose a text, the least trusted last."""

    NOBODY = 0
    """A constant, a number, a hash, a name of a fixed alphabet: nothing that a shell would take for code."""
    PIPELINE = 1
    """Another part of the pipeline, at run time."""
    CALLER = 2
    """Another workflow that calls this one, or uses this action."""
    STARTER = 3
    """Who starts the workflow, and gives its inputs."""
    INSIDER = 4
    """Who may push or release."""
    OUTSIDER = 5
    """Anyone who may open an issue or a pull request."""


# https://docs.github.com/actions/reference/security/secure-use#understanding-the-risk-of-script-injections
# Patterns over paths; `*` stands for one name or an index.
_OUTSIDERS = tuple(
    tuple(pattern.split("."))
    for pattern in (
        "github.head_ref",
        "github.event.issue.title",
        "github.event.issue.body",
        "github.event.pull_request.title",
        "github.event.pull_request.body",
        "github.event.pull_request.head.ref",
        "github.event.pull_request.head.label",
        "github.event.pull_request.head.repo.default_branch",
        "github.event.pull_request.head.repo.description",
        "github.event.pull_request.head.repo.homepage",
        "github.event.comment.body",
        "github.event.review.body",
        "github.event.review_comment.body",
        "github.event.discussion.title",
        "github.event.discussion.body",
        "github.event.answer.body",
        "github.event.changes.*.from",
        "github.event.pages.*.page_name",
        "github.event.pages.*.title",
        "github.event.pages.*.summary",
        "github.event.commits.*.message",
        "github.event.commits.*.author.name",
        "github.event.commits.*.author.email",
        "github.event.commits.*.committer.name",
        "github.event.commits.*.committer.email",
        "github.event.head_commit.message",
        "github.event.head_commit.author.name",
        "github.event.head_commit.author.email",
        "github.event.head_commit.committer.name",
        "github.event.head_commit.committer.email",
        "github.event.merge_group.head_commit.message",
        "github.event.workflow_run.head_branch",
        "github.event.workflow_run.display_title",
        "github.event.workflow_run.head_commit.message",
        "github.event.workflow_run.head_commit.author.name",
        "github.event.workflow_run.head_commit.author.email",
        "github.event.workflow_run.head_repository.description",
        "github.event.workflow_run.pull_requests.*.head.ref",
        "github.event.check_suite.head_branch",
        "github.event.check_run.check_suite.head_branch",
    )
)

_OF_A_PUSH = _words("commits head_commit")

# Of `github`: what has a shape of its own, or is chosen by GitHub or the runner.
_SHAPED_PROPERTIES = _words(
    """action action_path action_ref action_repository action_status actor actor_id api_url env event_name event_path
    graphql_url job output path ref_protected ref_type repository repository_id repository_owner repository_owner_id
    repository_visibility repositoryurl retention_days run_attempt run_id run_number secret_source server_url sha
    state step_summary token triggering_actor workflow workflow_ref workflow_sha workspace artifact_cache_size_limit
    """
)
# Of an event's payload, at its end: numbers, hashes, dates, switches, words of a list, names of accounts and
# repositories, and the addresses that GitHub makes of these.
_SHAPED_ENDS = _words(
    """action active_lock_reason additions after archived author_association before changed_files clone_url closed_at
    comments commits conclusion created_at default_branch deleted deletions diff_url draft event fork forks full_name
    git_url html_url id login merge_commit_sha merge_method merged node_id number patch_url prerelease private ref_type run_attempt
    run_number sha size ssh_url state status timestamp tree_id type updated_at url visibility watchers forced created
    """
)
_SHAPED_SUFFIXES = ("_at", "_count", "_id", "_sha", "s_url", "events_url")
_OBJECTS = _words(
    """base check_run check_suite comment deployment deployment_status discussion enterprise head head_commit
    head_repository installation issue merge_group milestone organization owner parent pull_request pusher release repo
    repository review sender thread user workflow_run
    """
)
"""Of an event's payload: what is the word `Object` in a text, unless toJSON() writes it out."""
_BRANCHES = (("ref_name",), ("ref",), ("base_ref",))
_BRANCH_NAMES = _words("base_ref head_branch head_ref label ref ref_name")
_BRANCH_EVENTS = frozenset(("push", "pull_request", "pull_request_target", "schedule"))
"""Events whose branch is what `branches` asks for, a number of GitHub's, or the default branch."""
_TYPED_INPUTS = frozenset(("boolean", "number", "choice", "environment"))
_SERIALIZING = frozenset(("tojson", "join"))
_PASSING_FUNCTIONS = frozenset(("format", "join", "tojson", "fromjson"))
_SHAPED_RESULTS = frozenset(("result", "outcome", "conclusion"))


@dataclass(frozen=True)
class ScriptExpression:
    """An expression whose value becomes a part of a program: of a `run`, or of an input that an action executes."""

    embedded: Embedded
    step: Step

    @property
    def label(self) -> str:
        return f"{self.step.label} {self.embedded.label}"

    @property
    def location(self) -> Location:
        return self.embedded.location

    @cached_property
    def flows(self) -> tuple[tuple[Reference, Author], ...]:
        """What its text may consist of, each with who chooses it."""
        tree = self.embedded.tree
        if tree is None:
            return ()
        found = ((one, author_of(one, self.step, whole=whole)) for one, whole in passed_on(tree))
        return tuple((one, Author.NOBODY if self._stays_text(one, author) else author) for one, author in found)

    def _stays_text(self, reference: Reference, author: Author) -> bool:
        """Whether it is the name of a branch in a heredoc that the shell takes as it is: no name has a line that ends it."""
        if author < Author.INSIDER or reference.path[-1] not in _BRANCH_NAMES or self.embedded.key[-1] != "run":
            return False
        return any(
            one.body is not None and one.target.quoted and one.body.start <= self.embedded.span.start < one.body.end
            for command in self.step.commands
            if command.name in ("cat", "tee") and not command.after.startswith("|")
            for one in command.redirections
        )

    @property
    def only_called(self) -> bool:
        """Whether it stands in a workflow that others start, so that their events and conditions count."""
        return self.step.job is not None and self.step.job.workflow.only_called

    def by(self, author: Author) -> Iterator[tuple[str, Location]]:
        """The parts that such an author chooses, as written, with their places."""
        text = self.embedded.node.text
        for reference, found in self.flows:
            if found is author:
                yield " ".join(text[reference.start : reference.end].split()), self.embedded.at(reference)


def script_expressions(file: WorkflowFile) -> Iterator[ScriptExpression]:
    for step in live_steps(file):
        yield from _in_scripts(step)


def action_script_expressions(file: ActionFile) -> Iterator[ScriptExpression]:
    for step in live_action_steps(file):
        yield from _in_scripts(step)


def _in_scripts(step: Step) -> Iterator[ScriptExpression]:
    executed = {(*step.key, "run")} if step.script is not None else set()
    if step.uses is not None:
        executed |= {(*step.key, "with", name) for name in code_inputs(step.uses.action.lower())}
    return (ScriptExpression(one, step) for one in step.expressions if executed and one.key in executed)


def passed_on(tree: Expression, *, whole: bool = False) -> Iterator[tuple[Reference, bool]]:
    """The contexts whose value may be the tree's, or a part of it: of `a == b && c || d`, c and d.

    With each, whether an object is passed on with all that it holds, by toJSON(); else it is the word `Object`.
    """
    for leaf in leaves(tree):
        path, _ = path_of(leaf)
        if path:
            yield Reference(leaf.start, leaf.end, path, leaf), whole
        elif isinstance(leaf, Call):
            for argument in _passed_arguments(leaf):
                yield from passed_on(argument, whole=whole or leaf.name.lower() in _SERIALIZING)
        elif isinstance(leaf, Property | Index | Filter):
            yield from passed_on(leaf.of, whole=whole)


def leaves(tree: Expression) -> Iterator[Expression]:
    """The expressions of which the tree's value is one."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Logical):
            stack.extend(node.operands[-1:] if node.operator == "&&" else reversed(node.operands))
        elif isinstance(node, Call) and node.name.lower() == "case":
            stack.extend(reversed(_passed_arguments(node)))
        elif not isinstance(node, Not | Comparison):
            yield node


def _passed_arguments(call: Call) -> tuple[Expression, ...]:
    name = call.name.lower()
    if name == "case":
        return (*call.arguments[1::2], *call.arguments[len(call.arguments) - len(call.arguments) % 2 :])
    return call.arguments if name in _PASSING_FUNCTIONS else ()


def author_of(reference: Reference, step: Step, depth: int = 0, *, whole: bool = False) -> Author:
    """Who chooses the value of a context as this step sees it; `whole`: of all that an object holds."""
    path = reference.path
    match path[0]:
        case "github":
            if path[1:3] == ("event", "inputs"):
                return _author_of_input(name_behind(reference.tree, 3), step)
            if path[1:] in _BRANCHES and step.job is not None and _is_literal_branch(path[1], step, step.job):
                return Author.NOBODY
            author = _author_in_github(path, whole)
            if author is Author.OUTSIDER and step.job is not None and _never_comes(path, step.job.workflow):
                return Author.NOBODY
            if author is Author.OUTSIDER and len(path) > 1 and is_of_ours(step, path):
                return Author.INSIDER
            return author
        case "inputs":
            return _author_of_input(name_behind(reference.tree, 1), step)
        case "env":
            return _author_of_variable(name_behind(reference.tree, 1), step, depth)
        case "matrix":
            return _author_in_matrix(reference, step, depth, whole)
        case "needs" | "steps":
            return _author_of_output(path, step, depth)
        case "runner" | "secrets" | "strategy" | "job" | "hashfiles":
            return Author.NOBODY
    return Author.PIPELINE


def name_behind(tree: Expression, number: int) -> str:
    """The name at a place of a path, as it is written: of `inputs.Name` the first behind the context is Name."""
    names: list[str] = []
    while not isinstance(tree, Context):
        match tree:
            case Property(of=of, name=name):
                names.append(name)
            case Index(of=of, index=Literal(value=value)):
                names.append(text_of(value))
            case Index(of=of) | Filter(of=of):
                names.append("*")
            case _:
                return ""
        tree = of
    return names[-number] if number <= len(names) else ""


def _is_literal_branch(name: str, step: Step, job: Job) -> bool:
    """Whether the branch is one of some that the file names, so that nobody chooses another."""
    asked = [pair for condition in (job.condition, step.condition) for pair in asked_for(condition.text)]
    if any(one in ("ref", "ref_name") and name in ("ref", "ref_name") for one, _ in asked):
        return True
    events = frozenset(value for one, value in asked if one == "event_name")
    return starts_on_literal_branches(job.workflow, events, based=name == "base_ref")


def asked_for(text: str) -> Iterator[tuple[str, str]]:
    """What a condition asks of `github` whatever else it asks: of `github.event_name == 'push' && a`, event_name and push."""
    found = condition(text) if "github." in text.lower() else None
    if found is None or found.tree is None:
        return
    tree = found.tree
    for one in tree.operands if isinstance(tree, Logical) and tree.operator == "&&" else (tree,):
        if isinstance(one, Comparison) and one.operator == "==":
            for asked, value in ((one.left, one.right), (one.right, one.left)):
                path = path_of(asked)[0] if not isinstance(asked, Literal) else ()
                if len(path) == 2 and path[0] == "github" and isinstance(value, Literal):
                    yield path[1], text_of(value.value)


def starts_on_literal_branches(workflow: Workflow, events: frozenset[str], *, based: bool) -> bool:
    """Whether each event that starts it asks for branches by their names, so that nobody chooses another.

    `events`: where there are some, the only ones with which the job runs.
    `based`: whether the branch is meant that a pull request goes to; its own ref is a number of GitHub's.
    """
    for trigger in workflow.triggers:
        if events and trigger.event not in events and trigger.event != "workflow_call":
            continue  # who calls has events of its own
        if trigger.event not in _BRANCH_EVENTS:
            return False
        on = workflow.node.get("on", trigger.event)
        branches = [branch.text for branch in on["branches"].strings()]
        if trigger.event == "pull_request" and not based:
            continue
        if trigger.event != "schedule" and (not branches or any(not _literal(name) for name in branches)):
            return False
        if on.has("tags") or on.has("tags-ignore"):
            return False
    return bool(workflow.triggers)


def _literal(branch: str) -> bool:
    return bool(branch) and _PATTERN_SIGNS.isdisjoint(branch) and "${{" not in branch


_PATTERN_SIGNS = frozenset("*?+[]!\\")


def _author_in_github(path: tuple[str, ...], whole: bool) -> Author:
    if any(_meets(pattern, path) for pattern in _OUTSIDERS):
        exact = any(len(pattern) == len(path) and _meets(pattern, path) for pattern in _OUTSIDERS)
        return Author.OUTSIDER if exact or whole else Author.NOBODY
    if len(path) < 2 or path[1] != "event":
        return Author.NOBODY if len(path) > 1 and path[1] in _SHAPED_PROPERTIES else Author.INSIDER
    end = path[-1]
    if "_links" in path or path[2:] == ("issue", "pull_request") or (end in _OBJECTS and not whole):
        return Author.NOBODY
    if end == "name" and path[-2] in ("repository", "repo"):
        return Author.NOBODY
    return Author.NOBODY if end in _SHAPED_ENDS or end.endswith(_SHAPED_SUFFIXES) else Author.INSIDER


def _never_comes(path: tuple[str, ...], workflow: Workflow) -> bool:
    """Whether nothing that starts the workflow brings what outsiders write, so that the value is always empty."""
    started = {trigger.event for trigger in workflow.triggers}
    if not started or not started <= OWN_EVENTS or len(path) < 2:
        return False
    return path[1] == "head_ref" or (
        path[1] == "event" and len(path) > 2 and not (path[2] in _OF_A_PUSH and "push" in started)
    )


def _meets(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether the path is what the pattern names, or an object that holds it."""
    if len(path) > len(pattern):
        return False
    return all(
        "*" in (wanted, name) or name == "?" or wanted == name for wanted, name in zip(pattern, path, strict=False)
    )


def _author_of_input(name: str, step: Step) -> Author:
    """Of a workflow's input by its type, and by what gives it; of an action's its users."""
    if step.job is None:
        return Author.CALLER
    events = ("workflow_call", "workflow_dispatch")
    declared = {event: step.job.workflow.node.get("on", event, "inputs", name) for event in events}
    types = {event: node["type"].text for event, node in declared.items() if node.exists}
    free = {event for event, type_ in types.items() if type_ not in _TYPED_INPUTS}
    if types and not free:
        return Author.NOBODY
    return Author.CALLER if free == {"workflow_call"} else Author.STARTER


def _author_of_variable(name: str, step: Step, depth: int) -> Author:
    """Of the value that `env` gives in the step, its job or its workflow."""
    for env in (step.env, step.job.env, step.job.workflow.env) if step.job is not None else ():
        if env.has(name):
            return author_of_value(env[name], step, depth)
    return Author.PIPELINE


def _author_in_matrix(reference: Reference, step: Step, depth: int, whole: bool) -> Author:
    """Of the worst of the values that the matrix may give under a path; of objects only where all they hold counts."""
    job = step.job
    if job is None or not job.matrix.present:
        return Author.PIPELINE if job is None else Author.NOBODY
    if job.matrix.is_scalar:
        return author_of_value(job.matrix, step, depth)
    names = [name_behind(reference.tree, number) for number in range(1, len(reference.path))]
    if (several := next((at for at, name in enumerate(names) if name == "*" or name.isdecimal()), None)) is not None:
        names, whole = names[:several], True
    include = job.matrix["include"]
    combinations = [] if include.is_scalar else list(islice(include, MOST_MATRIX_JOBS))
    if not names:
        rows = [value for key, value in job.matrix.items() if key.text != "exclude"] if whole else []
        values = [*rows, *([include] if whole and include.is_scalar else [])]
    else:
        row = job.matrix[names[0]]
        items = [row] if row.is_scalar else islice(row, MOST_MATRIX_JOBS)
        values = [
            *(item if item.is_scalar and "${{" in item.text else item.get(*names[1:]) for item in items),
            *(item.get(*names) for item in combinations),
            *([include] if include.is_scalar else []),
        ]
    scalars = (one for value in values for one in (value.walk() if whole else (value,)))
    authors = (author_of_value(value, step, depth) for value in islice(scalars, MOST_MATRIX_JOBS))
    return max(authors, default=Author.NOBODY)


def _author_of_output(path: tuple[str, ...], step: Step, depth: int) -> Author:
    """Of an output of a job, which is followed to what the job gives there; of a step's nothing is known."""
    if path[-1] in _SHAPED_RESULTS and "outputs" not in path:
        return Author.NOBODY
    needed = step.job.workflow.job(path[1]) if step.job is not None and path[0] == "needs" and len(path) > 3 else None
    if needed is not None and needed.steps:
        value = _by_name(needed.outputs).get(path[3])
        if value is not None:
            return max(Author.PIPELINE, author_of_value(value, needed.steps[0], depth))
    return Author.PIPELINE


@functools.lru_cache(maxsize=4)
def _by_name(node: Node) -> dict[str, Node]:
    """The entries of a mapping as GitHub looks them up; of two that differ in capitals, the first."""
    return {key.text.lower(): value for key, value in reversed([*node.items()])}


def author_of_value(node: Node, step: Step, depth: int = 0) -> Author:
    """Who chooses a value that is written with expressions in it."""
    if not isinstance(node, Scalar) or "${{" not in node.text:
        return Author.NOBODY
    if depth >= _DEEPEST:
        return Author.PIPELINE
    trees = [span.tree for span in expressions(node.text) if span.tree is not None]
    found = [one for tree in trees for one in passed_on(tree)]
    return max((author_of(one, step, depth + 1, whole=whole) for one, whole in found), default=Author.NOBODY)


def root_of(path: tuple[str, ...]) -> str:
    """The part of the event that a path of `github` speaks of: `pull_request`, `issue`, `head_ref`."""
    return path[2] if path[1:2] == ("event",) and len(path) > 2 else path[1]


_ROOTS = frozenset(map(root_of, _OUTSIDERS))


def kept_from_outsiders(step: Step) -> frozenset[str]:
    """The parts of the event, by root_of(), that never hold what outsiders have written where the step runs."""
    workflow = step.job.workflow if step.job is not None else None
    paths = {root: ("github", root) if root == "head_ref" else ("github", "event", root) for root in _ROOTS}
    return frozenset(
        root
        for root, path in paths.items()
        if (workflow is not None and _never_comes(path, workflow)) or is_of_ours(step, path)
    )


def runs_for_outsiders(job: Job) -> bool:
    """Whether outsiders start the workflow with the rights of the repository: its secrets, a token that writes."""
    return job.workflow.runs_on("pull_request_target", "workflow_run")
