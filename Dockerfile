# devopslint as an image: docker run --rm -v "$PWD:/src:ro" devopslint .
FROM python:3.13-slim AS build
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
FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=build /opt/devopslint /opt/devopslint
USER 10001:10001
WORKDIR /src
ENTRYPOINT ["/opt/devopslint/bin/devopslint"]
CMD ["."]
