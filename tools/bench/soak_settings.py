"""The benchmark's settings with the local Stripe behind them, for a soak."""

import os

from tools.bench.settings import *  # noqa: F403

STRIPE_SANDBOX_ALLOWED = True
STRIPE_SECRET_KEY = "sk_test_soak"
STRIPE_WEBHOOK_SECRET = "whsec_soak"
STRIPE_API_BASE = STRIPE_CHECKOUT_ORIGIN = os.environ["SOAK_STRIPE"]
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] = ["'self'", STRIPE_CHECKOUT_ORIGIN]  # noqa: F405
