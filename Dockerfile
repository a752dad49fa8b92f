# One image for the web server, the worker and one-off commands; a second target has nginx with the static files in it.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
# The lock is complete; --no-deps keeps out what it leaves out on purpose (docs/adr/0004-no-gpl-encoder.md).
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY manage.py ./
COPY marketplace marketplace
COPY umkm umkm
COPY cms cms
COPY search search
COPY templates templates
COPY locale locale
# Translations and static files are made here. The values only let the settings load; none reaches the running site.
RUN /venv/bin/pybabel -q compile -d locale -D django && /venv/bin/pybabel -q compile -d umkm/verification/admin_words -D "django djangojs" \
 && DJANGO_SETTINGS_MODULE=marketplace.settings.production SECRET_KEY=build SALT_KEY=build ALLOWED_HOSTS=build \
    REDIS_URL=redis://build /venv/bin/python manage.py collectstatic --noinput -v 0 \
 && /venv/bin/python -m compileall -q marketplace umkm cms search

FROM python:3.13-slim AS app
RUN groupadd --gid 10001 lapak && useradd --uid 10001 --gid lapak --home-dir /app --shell /usr/sbin/nologin lapak
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY tools/deploy/gunicorn.py /app/gunicorn.py
# All that the site writes itself; everything else in the image is read-only to it.
RUN mkdir -p /data/media /data/private && chown -R lapak:lapak /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=marketplace.settings.production \
    MEDIA_ROOT=/data/media PRIVATE_MEDIA_ROOT=/data/private
USER lapak
EXPOSE 8000
CMD ["gunicorn", "--config", "/app/gunicorn.py", "marketplace.wsgi"]

FROM nginx:1.28-alpine AS proxy
COPY --from=build /app/var/static /srv/static
COPY tools/deploy/nginx.conf /etc/nginx/nginx.conf
COPY tools/deploy/proxy.conf tools/deploy/headers.conf /etc/nginx/
