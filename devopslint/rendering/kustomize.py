"""What an overlay builds, traced to the resource, the patch or the field of a kustomization that says it.

Kustomize names the file that each object comes from. What is laid over it is looked through from the outermost
kustomization inwards, and a value belongs to the first place that says the very same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping

from devopslint.deferred import cached_property, dataclass
from devopslint.kubernetes.kustomize import Kustomization, target_matches
from devopslint.kubernetes.kustomize.operations import unescaped
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.workloads import Manifest, keys_of
from devopslint.model import Location
from devopslint.readers.yaml import Node, Scalar, read_yaml
from devopslint.readers.yaml_dialects import KUBERNETES
from devopslint.rendering.origins import Origin, Path, Spots, follow, identifies, step_into

_ORIGIN = "config.kubernetes.io/origin"


@dataclass(frozen=True)
class Layer:
    """Something that says what an object holds."""

    root: Node
    outer: Scalar | None = None
    """The block of text that it is written in, where it is not a file of its own."""

    def get(self, path: Path) -> Node | None:
        return follow(self.root, path)

    def takes_away(self, path: Path, key: str, base: Node) -> Node | None:
        """The null below `path` that takes `key`, which the base has there, away."""
        said, had = self.get(path), follow(base, path)
        if said is None or had is None:
            return None
        return next((n for n, value in said.items() if not value.present and _has(had, n.text, key)), None)

    def place(self, node: Node, *, on_key: bool) -> Location:
        at = node.key_location if on_key else node.location
        if self.outer is None:
            return at
        starts = node.source.line_starts
        return self.outer.span(starts[at.line - 1] + at.column - 1, starts[at.end_line - 1] + at.end_column - 1)


@dataclass(frozen=True)
class Operations(Layer):
    """A JSON patch."""

    def place(self, node: Node, *, on_key: bool) -> Location:
        """What an operation adds stands at its first entry, not at the word `value`."""
        entries = node.items() if node.key is not None and node.key.text == "value" else []
        return super().place(entries[0][0] if entries else node, on_key=on_key)

    def takes_away(self, path: Path, key: str, base: Node) -> Node | None:
        for operation in reversed(list(self.root)):
            steps = [unescaped(segment) for segment in operation["path"].text.split("/")[1:]]
            if operation["op"].text == "remove" and len(steps) > len(path) and _leads(steps[: len(path)], path, base):
                had = follow(base, (*path, *steps[len(path) : -1]))
                if had is not None and _has(had, steps[-1], key):
                    return operation["path"]
        return None

    def get(self, path: Path) -> Node | None:
        for operation in reversed(list(self.root)):
            steps = [unescaped(segment) for segment in operation["path"].text.split("/")[1:]]
            value = operation["value"]
            if value.exists and len(steps) <= len(path) and _leads(steps, path, value):
                found = follow(value, path[len(steps) :])
                if found is not None:
                    return found
        return None


def _has(had: Node, name: str, key: str) -> bool:
    """Whether `key` is gone with the field `name` of what was there."""
    return had[name].present and (name == key or key in keys_of(had[name]))


def _leads(steps: list[str], path: Path, value: Node) -> bool:
    """Whether a JSON pointer leads along the path; what is appended is known by its name."""
    for number, (step, wanted) in enumerate(zip(steps, path[: len(steps)], strict=True)):
        if isinstance(wanted, str):
            if step != wanted:
                return False
        elif step == "-" and number == len(steps) - 1:
            own = step_into(value, 0)
            if (own.field, own.text) != (wanted.field, wanted.text):
                return False
        elif step != str(wanted.index):
            return False
    return True


class KustomizeOrigins:
    """Where the values of one build come from."""

    def __init__(
        self,
        path: str,
        rendered: str,
        sources: Mapping[str, str],
        parts: tuple[str, ...],
        resolve: Callable[[str], str],
    ) -> None:
        """`rendered` has the origin annotations; `text` is the same without them.

        `path` is the kustomization that was built, `parts` are all that belong to the build, outermost first;
        `resolve` makes the path that an origin annotation names one of the repository.
        """
        self.path = path
        self._resolve = resolve
        self._sources = sources
        self._parts = [Kustomization.read(part, sources[part]) for part in parts]
        self.text, self._origins = _taken_off(path, rendered)
        self._manifests = Manifests.read(path, self.text)
        self._spots = Spots(document.root for document in self._manifests.stream.documents)
        self._read: dict[str, list[Manifest]] = {}
        self._layers: dict[int, list[Layer]] = {}

    def find(self, at: Location) -> Origin:
        found = self._spots.at(at)
        if found is None:
            return self._unknown()
        number, spot = found
        layers = self._layers_of(number)
        base = layers[-1] if layers else None
        if spot.node.is_scalar:
            for layer in reversed(layers) if identifies(spot.path) else layers:
                node = layer.get(spot.path)
                if node is not None and node.is_scalar and node.text == spot.node.text:
                    return Origin(layer.place(node, on_key=spot.on_key))
            named = self._field(number, spot.path, spot.node)
            if named is not None:
                return Origin(named.location)
        if base is not None and at.missing and at.wanted:
            for layer in layers[:-1]:
                node = layer.takes_away(spot.path, at.wanted, base.root)
                if node is not None:
                    return Origin(layer.place(node, on_key=False))
        path = spot.path
        while base is not None:
            for layer in reversed(layers):
                node = layer.get(path)
                if node is not None and (path or layer is base):
                    exact = len(path) == len(spot.path) and not spot.node.is_scalar
                    note = "" if exact else "the nearest place to what the build puts here"
                    at = layer.place(node, on_key=spot.on_key) if path else _name_of(node)
                    return Origin(at, note if path or spot.path else "")
            path = path[:-1]
        return self._generated(number, spot.path) or self._unknown()

    def _unknown(self) -> Origin:
        return Origin(Location(self.path, 1, 1, 1, 1), "where in the sources of this build it comes from is not known")

    def _layers_of(self, number: int) -> list[Layer]:
        """What says what one object holds, the last word first; the resource itself is the last layer."""
        if number not in self._layers:
            self._layers[number] = []
            base = self._base(number)
            if base is not None:
                patches = [layer for part in self._parts for layer in self._patches(part, base)]
                self._layers[number] = [*patches, Layer(base.node)]
        return self._layers[number]

    def _base(self, number: int) -> Manifest | None:
        """The object as it is written in its own file."""
        rendered = self._rendered(number)
        path = self._resolve(self._origins[number].get("path", ""))
        candidates = [one for one in self._objects(path) if one.kind == rendered.kind and one.name in rendered.name]
        return max(candidates, key=lambda one: len(one.name), default=None)

    def _rendered(self, number: int) -> Manifest:
        return Manifest(sorted((d.root for d in self._manifests.stream.documents), key=lambda r: r.start)[number])

    def _objects(self, path: str) -> list[Manifest]:
        if path not in self._read:
            text = self._sources.get(path)
            self._read[path] = Manifests.read(path, text).objects if text is not None else []
        return self._read[path]

    def _patches(self, part: Kustomization, base: Manifest) -> Iterator[Layer]:
        """The patches of one kustomization that are laid over an object, the last one first."""
        for target, layer in self._laid_over[part.path]:
            if target.present:
                if _is_target(target, base):
                    yield layer
            elif _same(Manifest(layer.root), base):
                yield layer

    @cached_property
    def _laid_over(self) -> dict[str, list[tuple[Node, Layer]]]:
        """Kustomization -> its patches with what each is meant for, the last one first."""
        return {part.path: list(self._all_patches(part)) for part in self._parts}

    def _all_patches(self, part: Kustomization) -> Iterator[tuple[Node, Layer]]:
        for field in ("patchesJson6902", "patches", "patchesStrategicMerge"):
            for item in reversed(list(part.root[field])):
                said, path = (item, item) if item.is_scalar else (item["patch"], item["path"])
                inline = "\n" in said.text or not path.present
                for node, outer in self._documents(part, said, path, inline=inline):
                    yield item["target"], Operations(node, outer) if node.is_sequence else Layer(node, outer)

    def _documents(
        self, part: Kustomization, said: Node, path: Node, *, inline: bool
    ) -> Iterator[tuple[Node, Scalar | None]]:
        if inline:
            if isinstance(said, Scalar):
                for document in read_yaml(part.path, said.text, KUBERNETES).documents:
                    yield document.root, said
            return
        file = part.resolve(path.text)
        text = self._sources.get(file) if file is not None else None
        if file is not None and text is not None:
            for document in read_yaml(file, text, KUBERNETES).documents:
                yield document.root, None

    def _field(self, number: int, path: Path, node: Node) -> Node | None:
        """The field of a kustomization, outermost first, that sets this value."""
        for part in self._parts:
            found = _set_by(part.root, path, node, self._rendered(number).name)
            if found is not None:
                return found
        return None

    def _generated(self, number: int, path: Path) -> Origin | None:
        """The place of a generator's entry."""
        file = self._resolve(self._origins[number].get("configuredIn", ""))
        part = next((part for part in self._parts if part.path == file), None)
        rendered = self._rendered(number)
        field = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}.get(rendered.kind, "")
        if part is None or not field:
            return None
        items = [item for item in part.root[field] if item["name"].text and item["name"].text in rendered.name]
        item = max(items, key=lambda one: len(one["name"].text), default=None)
        if item is None:
            return None
        if len(path) > 1 and isinstance(path[1], str):
            for entry in (*item["literals"].strings(), *item["files"].strings()):
                name = entry.text.partition("=")[0]
                if path[1] in (name, posixpath.basename(name)):
                    return Origin(entry.location)
        return Origin(item["name"].location)


def _set_by(root: Node, path: Path, node: Node, name: str) -> Node | None:
    match path:
        case ("metadata", "namespace"):
            return _saying(root["namespace"], node.text)
        case ("spec", "replicas"):
            return next(
                (r["count"] for r in root["replicas"] if r["name"].text in name and r["count"].text == node.text), None
            )
        case (*_, "image"):
            return next((found for image in root["images"] if (found := _image(image, node.text))), None)
        case (*_, "labels" | "matchLabels" | "selector", str(key)):
            pairs = [root["commonLabels"], *(entry["pairs"] for entry in root["labels"])]
            return next((one[key] for one in pairs if one[key].exists and one[key].text == node.text), None)
        case (*_, "annotations", str(key)):
            return _saying(root["commonAnnotations"][key], node.text)
    return None


def _saying(node: Node, text: str) -> Node | None:
    return node if node.exists and node.text == text else None


def _image(image: Node, text: str) -> Node | None:
    """The part of an `images` entry that gives the image its version, else its name."""
    name = image["newName"].text or image["name"].text
    if not name or not text.startswith(name) or text[len(name) : len(name) + 1] not in ("", ":", "@"):
        return None
    for field in ("digest", "newTag", "newName"):
        if image[field].present and text.endswith(image[field].text):
            return image[field]
    return None


def _taken_off(path: str, rendered: str) -> tuple[str, list[dict[str, str]]]:
    """The rendered text without its origin annotations, and what they say, object by object."""
    stream = read_yaml(path, rendered, KUBERNETES)
    lines = rendered.splitlines(keepends=True)
    origins: list[dict[str, str]] = []
    for document in stream.documents:
        annotations = document.root["metadata"]["annotations"]
        origin = annotations[_ORIGIN]
        said = read_yaml(path, origin.text).documents
        origins.append({key.text: value.text for key, value in said[0].root.items()} if said else {})
        gone = annotations if len(annotations) == 1 and origin.exists else origin
        if gone.exists:
            for line in range(gone.key_location.line, gone.last_line + 1):
                lines[line - 1] = ""
    return "".join(lines), origins


def _same(patch: Manifest, base: Manifest) -> bool:
    return patch.kind == base.kind and patch.name == base.name


def _is_target(target: Node, base: Manifest) -> bool:
    return target_matches(target["kind"].text, base.kind) and target_matches(target["name"].text, base.name)


def _name_of(root: Node) -> Location:
    return Manifest(root).location
