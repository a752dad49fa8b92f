"""The floors: the same Django, database and processes, with the middleware of a new Wagtail project, or with none."""

import os

from tools.bench.settings import *  # noqa: F403

ROOT_URLCONF = "tools.bench.floor.urls"
MIDDLEWARE = (
    []
    if os.environ.get("BENCH_BARE")
    else [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    ]
)
# allauth refuses to start without its middleware, which a new Wagtail project does not have.
INSTALLED_APPS = [
    "tools.bench.floor.apps.QuietAllauth" if name == "allauth.account" else name
    for name in INSTALLED_APPS  # noqa: F405
]
WAGTAIL_I18N_ENABLED = False
