# The suite in a container: not root, on a read-only file system, reports to a volume. docs/ci.md has the command.
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE .ci/lock.txt ./
COPY openapi openapi
COPY conformance conformance
RUN python -m venv /opt/conformance \
    && /opt/conformance/bin/python -m pip install --no-cache-dir --disable-pip-version-check --constraint lock.txt .

FROM python:3.13-slim-bookworm
COPY --from=build /opt/conformance /opt/conformance
ENV PATH=/opt/conformance/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    CONFORMANCE_CACHE_DIR=/tmp/conformance
WORKDIR /data
RUN install --directory --owner=10001 --group=10001 reports
USER 10001:10001
VOLUME /data/reports
ENTRYPOINT ["conformance"]
CMD ["run"]
