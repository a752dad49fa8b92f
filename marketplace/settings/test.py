"""Settings of the test suite: fast hashing, mail in memory, media in a folder that is thrown away."""

import os
import tempfile
from pathlib import Path

from marketplace.settings.base import *  # noqa: F403
from marketplace.settings.base import env

DEBUG = False
SECRET_KEY = "test-only-not-a-secret"  # noqa: S105
SALT_KEY = ["test-only-salt"]
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TEST_MEDIA = Path(tempfile.mkdtemp(prefix="lapak-test-"))
MEDIA_ROOT = TEST_MEDIA / "media"
PRIVATE_MEDIA_ROOT = TEST_MEDIA / "private"
# WhiteNoise wants its folder to be there; the pages of the tests find static files in the apps.
STATIC_ROOT = TEST_MEDIA / "static"
STATIC_ROOT.mkdir()
STORAGES = {
    **STORAGES,  # noqa: F405
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_MEDIA_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "test"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# Tests post quickly; the tests of the throttles switch this on.
RATELIMIT_ENABLE = False
COMPONENTS_PAGE = True
# Payments in tests go to a local Stripe on a free port; the fixture `sandbox` sets its address.
STRIPE_SANDBOX_ALLOWED = True
STRIPE_SECRET_KEY = "sk_test_sandbox"  # noqa: S105
STRIPE_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105
STRIPE_API_BASE = "http://127.0.0.1:9"
STRIPE_NETWORK_RETRIES = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, not memory: the threads of the race tests have real connections of their own.
    # Forty buyers at once on a busy machine wait longer for their turn than a visitor may.
    DATABASES["default"]["OPTIONS"]["timeout"] = 120  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_MEDIA / "test.sqlite3")}  # noqa: F405
elif DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    # Tables are emptied and filled all the time here: a plan that was made for an empty one must not be kept.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c plan_cache_mode=force_custom_plan"  # noqa: F405
DEMO_ALLOWED = True
# Tests with the marker search_node talk to a real node (tests/search_node.py); all others search the database.
TEST_SEARCH_URL = env("TEST_SEARCH_URL", default="http://127.0.0.1:9201")
SEARCH_ENGINE = "database"
ELASTICSEARCH = {
    **ELASTICSEARCH,  # noqa: F405
    "urls": [],
    "flavour": "opensearch",
    # Runs side by side, and the processes of one run, have indices of their own.
    "index": f"test-{os.getpid()}-{TEST_MEDIA.name.lower().replace('_', '-')}",
    # A busy machine that tests is slower than a visitor may wait; the tests of that set it.
    "timeout": 30.0,
}
