"""Settings shared by every environment; each value has its one source here, overridden by environment variables."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

# --- what this site is -------------------------------------------------------------------------------------------
SITE_NAME = env("SITE_NAME", default="Lapak Ngalam")
BASE_URL = env("BASE_URL", default="http://localhost:8000")
WAGTAIL_SITE_NAME = SITE_NAME
# The zones of the country; all of the world, some of which browsers do not know, is no choice for a city hall.
WAGTAIL_USER_TIME_ZONES = ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
WAGTAILADMIN_BASE_URL = BASE_URL

# --- applications ------------------------------------------------------------------------------------------------
# The order is the order of imports (docs/architecture.md): what stands higher may import what stands lower.
OWN_APPS = [
    "marketplace.installation",
    "cms",
    "marketplace.storefront",
    "umkm.portal",
    "umkm.monitoring",
    "search.insight",
    "search",
    "marketplace.checkout",
    "marketplace.aftersales",
    "marketplace.payouts",
    "marketplace.payments",
    "marketplace.transfers",
    "marketplace.orders",
    "marketplace.shipping",
    "marketplace.carts",
    "marketplace.promotions",
    "marketplace.inventory",
    "marketplace.catalogue",
    "marketplace.ledger",
    "umkm.verification",
    "umkm.registration",
    "umkm.vendors",
    "marketplace.notifications",
    "marketplace.accounts",
    "marketplace.reference",
    "marketplace.outbox",
    "marketplace.audit",
    "marketplace.core",
]
THIRD_PARTY_APPS = [
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.embeds",
    "wagtail.sites",
    "marketplace.accounts.admin_users.AdminUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "django_htmx",
    "csp",
    "encrypted_fields",
]
DJANGO_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.postgres",
    "django.contrib.humanize",
]
INSTALLED_APPS = OWN_APPS + THIRD_PARTY_APPS + DJANGO_APPS

MIDDLEWARE = [
    "marketplace.core.health.HealthzMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above everything that writes headers of its own: a page is kept with them.
    "marketplace.core.pagecache.PageCacheMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marketplace.accounts.middleware.SecondFactorForAdmin",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "cms.identity.site_identity",
            ],
            "builtins": ["marketplace.core.templatetags.ui"],
        },
    }
]

# --- database ----------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN, so that two writers wait for each other instead of failing with
    # "database is locked" in the middle of a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Statements that come again and again are planned once per connection: half the database's work at a checkout.
    # Off behind a pooler that hands out connections per transaction without keeping track of prepared statements.
    if env.bool("DATABASE_PREPARED_STATEMENTS", default=True):
        DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "marketplace.core.form_renderer.QuickRenderer"

# --- cache, sessions, tasks --------------------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "marketplace.core.redis_cache.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "lapak"}}
# Messages in a cookie: a page that shows none then has no reason to look into a session.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
TASKS = {"default": {"BACKEND": env("TASKS_BACKEND", default="django_tasks_db.DatabaseBackend")}}

# --- people ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

ACCOUNT_ADAPTER = "marketplace.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "marketplace.accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
WAGTAILADMIN_LOGIN_URL = "/akun/login/"
WAGTAIL_PASSWORD_RESET_ENABLED = False
# Nobody sets another person's password: they choose their own, by "forgot password".
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
MFA_ADAPTER = "marketplace.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# One step to either side, for clocks that differ and for who types while the code changes (RFC 6238, section 5.2).
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "marketplace.accounts.second_factor.SignInCodeForm",
    "reauthenticate": "marketplace.accounts.second_factor.RepeatedCodeForm",
}
# Sign-in by Google is offered only where the operator has registered the site with Google.
GOOGLE_CLIENT_ID = env("GOOGLE_CLIENT_ID", default="")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"google": {"SCOPE": ["profile", "email"], "VERIFIED_EMAIL": True}}
if GOOGLE_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["google"]["APPS"] = [{"client_id": GOOGLE_CLIENT_ID, "secret": env("GOOGLE_CLIENT_SECRET")}]
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

# --- language and time -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
# The second holds words of Wagtail's admin that its own Indonesian lacks, for the screens that officers see.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "umkm" / "verification" / "admin_words"]
USE_I18N = True
TIME_ZONE = "Asia/Jakarta"
USE_TZ = True

# The page of components is for developers; their settings switch it on.
COMPONENTS_PAGE = False

# --- files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "marketplace.core.assets.BundleFinder",
]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
# Identity papers and permits: never under MEDIA_ROOT, served only by a view that checks and logs.
PRIVATE_MEDIA_ROOT = Path(env("PRIVATE_MEDIA_ROOT", default=str(VAR_DIR / "private")))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_MEDIA_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "marketplace.core.static_files.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640

# --- registration of businesses ----------------------------------------------------------------------------------
# What the agencies promise: working days to decide a new registration, and one that came back from its owner.
DECISION_WORKING_DAYS = env.int("DECISION_WORKING_DAYS", default=5)
RESUBMISSION_WORKING_DAYS = env.int("RESUBMISSION_WORKING_DAYS", default=3)
# A new or changed listing.
MODERATION_WORKING_DAYS = env.int("MODERATION_WORKING_DAYS", default=3)
OFFICE_CLOSES_AT = env.int("OFFICE_CLOSES_AT", default=15)
# Days for which papers are kept that came to nothing: of registrations that were rejected, taken back or never sent,
# and renewed papers that were not accepted. The consent text names this number.
PAPERS_KEPT_DAYS = env.int("PAPERS_KEPT_DAYS", default=180)
# Days for which a photo is kept that was uploaded and stands nowhere.
UNUSED_PHOTOS_KEPT_DAYS = env.int("UNUSED_PHOTOS_KEPT_DAYS", default=30)

# --- mail --------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <noreply@localhost>")

# --- orders ------------------------------------------------------------------------------------------------------
# The site's share of the goods that are sold, in basis points (250 = 2.5 %), frozen on each part at the sale.
COMMISSION_BASIS_POINTS = env.int("COMMISSION_BASIS_POINTS", default=0)

# --- payments ----------------------------------------------------------------------------------------------------
# Without a key "card or online payment" is not offered. Only development and tests talk to another address.
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = "https://api.stripe.com"
STRIPE_CHECKOUT_ORIGIN = "https://checkout.stripe.com"
STRIPE_NETWORK_RETRIES = 2
STRIPE_SANDBOX_ALLOWED = False

# --- security ----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "EXCLUDE_URL_PREFIXES": ("/admin/",),
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # A payment begins with a form of ours that redirects to the provider's page.
        "form-action": [SELF, STRIPE_CHECKOUT_ORIGIN],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "object-src": [NONE],
    },
}
# Wagtail shows previews in a frame of the same site; the policy above keeps the site's own pages out of any frame.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# Rates of single throttles (marketplace.core.ratelimit), e.g. {"login": "5/m"}; a view names its own default.
THROTTLE_RATES: dict[str, str] = {}

# --- verification ------------------------------------------------------------------------------------------------
# Working days: an owner has this long to fix what was returned.
VERIFICATION_FIX_DAYS = env.int("VERIFICATION_FIX_DAYS", default=10)
# Days within which a rejected owner may write to the agency.
VERIFICATION_APPEAL_DAYS = env.int("VERIFICATION_APPEAL_DAYS", default=14)
# Where officers look numbers up; {number} is put in where the register takes it in its address.
VERIFICATION_REGISTERS = {
    "oss": "https://oss.go.id/",
    "bpjph": "https://bpjph.halal.go.id/",
    "bpom": "https://cekbpom.pom.go.id/",
    "djki": "https://pdki-indonesia.dgip.go.id/",
    "djp": "https://ereg.pajak.go.id/",
}

# The demo has public passwords and a public second factor: development and test settings switch it on.
DEMO_ALLOWED = False

# --- Wagtail -----------------------------------------------------------------------------------------------------
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "marketplace.catalogue.moderation.publish_reviewed_revision"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15 * 1024 * 1024
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
# The admin asks nobody else's server for anything.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea"}}

# --- search of products ------------------------------------------------------------------------------------------
# Addresses of Elasticsearch 8.19 or 9, or of OpenSearch 2 or 3, separated by commas; without one the site searches in
# its own database, which also answers while the cluster does not.
ELASTICSEARCH: dict[str, Any] = {
    "urls": env.list("ELASTICSEARCH_URL", default=[]),
    "flavour": env("ELASTICSEARCH_FLAVOUR", default="elasticsearch"),
    "user": env("ELASTICSEARCH_USER", default=""),
    "password": env("ELASTICSEARCH_PASSWORD", default=""),
    "api_key": env("ELASTICSEARCH_API_KEY", default=""),
    "ca": env("ELASTICSEARCH_CA", default=""),
    # The alias that is searched; the indices behind it are <alias>-<time>.
    "index": env("ELASTICSEARCH_INDEX", default="products"),
    "shards": env.int("ELASTICSEARCH_SHARDS", default=1),
    "replicas": env.int("ELASTICSEARCH_REPLICAS", default=0),
    # Seconds that a visitor waits for it before the database answers instead.
    "timeout": env.float("ELASTICSEARCH_TIMEOUT", default=0.8),
}
SEARCH_ENGINE = env("SEARCH_ENGINE", default="elasticsearch" if ELASTICSEARCH["urls"] else "database")

# --- watching ----------------------------------------------------------------------------------------------------
# What Prometheus sends as a bearer token to /metrics; without it /metrics exists in development only.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # Who published what stands in Wagtail's own history; two lines for each of its small tasks would bury the rest.
    "loggers": {
        "wagtail": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
        # A line for each request to the search engine; what fails is said by the search itself.
        "elastic_transport": {"level": "ERROR"},
        "elasticsearch": {"level": "ERROR"},
    },
}
