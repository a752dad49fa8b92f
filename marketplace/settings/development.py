"""Settings for a developer's machine and for trying the product out: no secrets needed, nothing leaves the machine."""

from marketplace.settings.base import *  # noqa: F403
from marketplace.settings.base import CONTENT_SECURITY_POLICY, STRIPE_SECRET_KEY, env

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env("SECRET_KEY", default="development-only-not-a-secret")
SALT_KEY = env.list("SALT_KEY", default=["development-only-salt"])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
WHITENOISE_USE_FINDERS = True
# /_components/ shows each component of the look in all its states.
COMPONENTS_PAGE = True
WHITENOISE_AUTOREFRESH = True

# Without a key of one's own, payments go to the local Stripe (manage.py stripe_sandbox).
STRIPE_SANDBOX_ALLOWED = True
if not STRIPE_SECRET_KEY:
    STRIPE_SECRET_KEY = "sk_test_sandbox"  # noqa: S105
    STRIPE_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105
    STRIPE_API_BASE = env("STRIPE_API_BASE", default="http://localhost:8104")
    STRIPE_CHECKOUT_ORIGIN = STRIPE_API_BASE
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] = ["'self'", STRIPE_CHECKOUT_ORIGIN]
DEMO_ALLOWED = True
