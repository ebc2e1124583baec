# One image for web, worker and commands. Build: docker build -t hitl-portal .
# Extras (celery, procrastinate, models, …) come with: docker build --build-arg EXTRAS="celery models" .
# Your own workflows come in an image that begins with FROM hitl-portal: docs/operate.md shows it.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.lock requirements-models.lock pyproject.toml /build/
WORKDIR /build
# What is installed is locked by hashes; an extra besides models takes the versions that pyproject.toml names.
RUN /venv/bin/pip install --require-hashes -r requirements.lock
ARG EXTRAS=""
RUN case " $EXTRAS " in *" models "*) /venv/bin/pip install --require-hashes -r requirements-models.lock;; esac; \
    /venv/bin/python -c 'import sys, tomllib; \
extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; \
print(*(line for name in sys.argv[1:] if name != "models" for line in extras[name]), sep="\n")' $EXTRAS > extras.txt; \
    test ! -s extras.txt || /venv/bin/pip install -c requirements.lock -r extras.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HITL_DATA_DIR=/data HITL_DEMO=0 HITL_STATIC_MANIFEST=1 HITL_LOG_FORMAT=json
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py LICENSE ./
COPY hitl_portal hitl_portal
COPY workflows workflows
COPY templates templates
COPY static static
COPY locale locale
USER portal
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# ALLOWED_HOSTS always has the host of the public address.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.parse as p, urllib.request as r; \
host = p.urlsplit(os.environ.get('HITL_PUBLIC_URL') or 'http://localhost').hostname; \
r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=2)"]
CMD ["sh", "-c", "python manage.py collectstatic --noinput --verbosity 0 && exec daphne -v 0 -b 0.0.0.0 -p 8000 --proxy-headers hitl_portal.asgi:application"]
