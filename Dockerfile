FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY requirements-build.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY migrations migrations
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist .

FROM python:3.13-slim-bookworm
# PYTHONSAFEPATH keeps Python from importing out of the working directory, where app.yaml is mounted.
# MALLOC_ARENA_MAX: each thread of the engine and the store would keep memory of its own that it freed long ago.
ENV PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    PGBOT_DATA=/data \
    PGBOT_HTTP__HOST=0.0.0.0
WORKDIR /install
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY --from=build /src/dist dist
RUN pip install --no-cache-dir --no-deps dist/*.whl
RUN groupadd --gid 10001 pgbot \
    && useradd --uid 10001 --gid pgbot --no-create-home --shell /usr/sbin/nologin pgbot \
    && install -d -o pgbot -g pgbot -m 700 /data \
    && install -d -o pgbot -g pgbot -m 755 /run/pgbot
USER 10001:10001
# Mount app.yaml here; without one the bot answers help and whoami only.
WORKDIR /srv/pgbot
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-m", "bot.programs.health"]
CMD ["pgbot", "serve"]
