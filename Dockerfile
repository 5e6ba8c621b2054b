# syntax=docker/dockerfile:1
# One image for every process: `praca api`, `worker`, `migrate`, `dashboard`, `mlflow`.
# docs/howto/containers.md says how to run it, docs/adr/0022-one-image.md why it is as it is.

# The version on which all tests have been run; 3.11 to 3.14 are supported.
ARG PYTHON_VERSION=3.11

FROM astral/uv:0.13.9 AS uv

FROM python:${PYTHON_VERSION}-slim-trixie AS build
COPY --from=uv /uv /usr/local/bin/uv
# Which optional parts come along, of [project.optional-dependencies]. The dashboard and MLflow's
# pages take `dashboard mlflow`, and half as much room again.
ARG EXTRAS="aws kms llm"
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_DEFAULT_GROUPS=1 \
    UV_PROJECT_ENVIRONMENT=/opt/praca \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /src
# What others wrote changes seldom: a layer of its own, made from the lock file alone.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    for extra in $EXTRAS; do set -- "$@" --extra "$extra"; done; \
    uv sync --locked --no-install-project "$@"
COPY LICENSE README.md ./
COPY src ./src
RUN --mount=type=cache,target=/root/.cache/uv \
    for extra in $EXTRAS; do set -- "$@" --extra "$extra"; done; \
    uv sync --locked --no-editable "$@"
# A seventh of what others wrote is their tests.
RUN find "$UV_PROJECT_ENVIRONMENT" -type d -name tests -prune -exec rm -rf {} +

FROM python:${PYTHON_VERSION}-slim-trixie
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Praça" \
      org.opencontainers.image.description="One account and four counters of digital services for a Brazilian city" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# No shell, no home but the data folder; the number is what Kubernetes and ECS check.
RUN groupadd --gid 10001 praca \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/praca --no-create-home \
        --shell /usr/sbin/nologin praca \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/praca
COPY --from=build /opt/praca /opt/praca
# Nothing is written but the data folder and /tmp: the rest may be mounted read-only.
ENV HOME=/var/lib/praca \
    PATH=/opt/praca/bin:$PATH \
    PRACA_DATA_DIR=/var/lib/praca \
    PRACA_ENV=production \
    PRACA_HOST=0.0.0.0 \
    PRACA_PORT=8000 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/praca
VOLUME ["/var/lib/praca"]
EXPOSE 8000
STOPSIGNAL SIGTERM
# Of the API; what runs another command says so: `praca health --worker`, `--url …`.
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 CMD ["praca", "health"]
ENTRYPOINT ["praca"]
CMD ["api"]
