# devopslint as an image, with the programs that --render runs: docker run --rm -v "$PWD:/src:ro" devopslint .
FROM golang:1.27-alpine@sha256:8a5910f31396cd4d89662f56c68b3ae31d374308270a1c3bd96672ee5ed43414 AS programs
ENV CGO_ENABLED=0 GOBIN=/opt/programs GOFLAGS=-trimpath
# By version through Go's checksum database, which has a hash for each.
RUN go install -ldflags="-s -w" helm.sh/helm/v4/cmd/helm@v4.3.2 \
    && go install -ldflags="-s -w" sigs.k8s.io/kustomize/kustomize/v5@v5.8.2

FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
WORKDIR /build
COPY requirements requirements
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && python -m venv /opt/devopslint \
    && /opt/devopslint/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY devopslint devopslint
COPY rules rules
RUN /opt/build/bin/python -m hatchling build -t wheel -d wheel \
    && /opt/devopslint/bin/pip install --no-cache-dir --no-deps --no-index wheel/*.whl

# devopslint: allow docker-missing-healthcheck -- a command that ends; there is nothing to keep healthy
FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=programs /opt/programs /usr/local/bin
COPY --from=build /opt/devopslint /opt/devopslint
USER 10001:10001
WORKDIR /src
ENTRYPOINT ["/opt/devopslint/bin/devopslint"]
CMD ["."]
