# One image for web, worker and beat: `docker compose` says which command each of them runs.
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/registry
COPY requirements.lock /build/
RUN /opt/registry/bin/pip install --quiet --require-hashes -r /build/requirements.lock

FROM python:3.11-slim

# The judge's child processes live in the worker; nothing needs root, a shell or a writable image.
RUN useradd --system --uid 10001 --no-create-home registry \
    && install -d -o registry -g registry -m 0700 /var/lib/registry
COPY --from=build /opt/registry /opt/registry
COPY certs /srv/registry/certs
COPY registry /srv/registry/registry
COPY workers /srv/registry/workers
RUN /opt/registry/bin/python -m compileall -q /srv/registry

ENV PATH=/opt/registry/bin:$PATH \
    PYTHONPATH=/srv/registry \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    REGISTRY_DATA_DIR=/var/lib/registry
WORKDIR /var/lib/registry
USER 10001
VOLUME /var/lib/registry
EXPOSE 8000
ENTRYPOINT ["python", "-m", "registry"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
