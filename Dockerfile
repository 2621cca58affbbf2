# The same two steps as `make run`: install from the hash-locked file, then migrate and start.
FROM python:3.12-slim AS build
WORKDIR /srv/throughcare
COPY requirements.lock ./
RUN python3 -m venv --clear .venv
RUN .venv/bin/python -m pip install --disable-pip-version-check --no-input -q --require-hashes -r requirements.lock

FROM python:3.12-slim
WORKDIR /srv/throughcare
RUN useradd --user-group --uid 10001 --no-create-home --shell /usr/sbin/nologin throughcare \
 && install -d -o 10001 -g 10001 var
COPY --from=build /srv/throughcare/.venv .venv
COPY LICENSE NOTICE openapi.yaml ./
COPY migrations migrations
COPY app app
ENV PATH="/srv/throughcare/.venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME ["/srv/throughcare/var"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2).read()"]
# Migrating twice is harmless: it takes a lock in the database and does nothing when the schema is current.
ENTRYPOINT ["sh", "-c", "python -m app migrate && exec \"$@\"", "throughcare"]
CMD ["python", "-m", "app", "serve", "--host", "0.0.0.0", "--port", "8000"]
