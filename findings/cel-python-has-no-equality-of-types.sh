#!/usr/bin/env bash
# In CEL values of different types are unequal: `1 == "1"` is false. One would expect two implementations on PyPI to agree.
# cel-python raises an error instead, which ends the whole expression (unless it stands beside a true in `||`); cel-expr-python says false.
# A policy that was tried with one has not been tried with the other.
# cel-python 0.5.0, cel-expr-python 0.1.3, 2026-11-29
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q cel-python==0.5.0 cel-expr-python==0.1.3
"$folder/env/bin/python" - <<'PY'
import celpy
from cel_expr_python import cel

there = {"object": {"port": 80}}
expressions = {
    'object.port == "http" || object.port == 80': ("true", "true"),
    'object.port == "http"': ("an error", "false"),
    '[object.port].exists(p, p == "http")': ("an error", "false"),
}
for expression, expected in expressions.items():
    environment = celpy.Environment()
    try:
        one = str(bool(environment.program(environment.compile(expression)).evaluate({"object": celpy.json_to_cel(there["object"])}))).lower()
    except celpy.CELEvalError:
        one = "an error"
    value = cel.NewEnv(variables={"object": cel.Type.DYN}).compile(expression).eval(data=there)
    other = "an error" if value.type() == cel.Type.ERROR else str(value.value()).lower()
    print(f"{expression}: cel-python {one}, cel-expr-python {other}")
    assert (one, other) == expected, "this has changed"
PY
