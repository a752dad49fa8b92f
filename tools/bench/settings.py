"""The production settings on this machine: no TLS, no throttles, and a count of queries on request."""

from marketplace.settings.production import *  # noqa: F403

SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
RATELIMIT_ENABLE = False
INSTALLED_APPS = [*INSTALLED_APPS, "tools.bench.floor"]  # noqa: F405
MIDDLEWARE = ["tools.bench.counting.CountQueries", *MIDDLEWARE]  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING = {"version": 1, "disable_existing_loggers": True}
