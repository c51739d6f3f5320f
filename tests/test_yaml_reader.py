from devopslint.readers.yaml import read_yaml


def test_missing_value_stands_at_its_nearest_present_ancestor() -> None:
    stream = read_yaml("pod.yaml", "spec:\n  containers:\n    - name: web\n      securityContext: {}\n")
    (container,) = stream.documents[0].root.get("spec", "containers")

    missing = container.get("securityContext", "runAsUser")

    assert not missing.exists
    assert (missing.location.line, missing.location.column, missing.location.missing) == (4, 7, True)
