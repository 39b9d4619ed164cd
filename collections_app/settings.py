"""All settings, from the environment and a `.env` file beside manage.py. A bad value is refused by name at start."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules
if not TESTING:
    environ.Env.read_env(BASE_DIR / ".env")

# --- readers ---------------------------------------------------------------------------------------------------------


def read(name: str, parse: Callable[[str], T], default: T) -> T:
    """The setting `name` through `parse`; a value that `parse` refuses (ValueError) stops the start with its name."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return parse(raw)
    except (ValueError, KeyError, environ.ImproperlyConfigured) as exc:
        raise ImproperlyConfigured(f"{name} is not usable: {exc}") from exc


def flag(raw: str) -> bool:
    values = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in values:
        raise ValueError(f"{raw!r} is neither true nor false.")
    return values[raw.lower()]


def words(raw: str) -> list[str]:
    return [word.strip() for word in raw.split(",") if word.strip()]


def count(raw: str) -> int:
    if not raw.isdigit() or int(raw) < 1:
        raise ValueError(f"{raw!r} is not a whole number above 0.")
    return int(raw)


def url(*schemes: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(f"{raw.split('@')[-1]!r} must start with one of: {', '.join(s + '://' for s in schemes)}.")
        return raw.rstrip("/")

    return parse


def time_zone(raw: str) -> str:
    try:
        return ZoneInfo(raw).key
    except Exception as exc:
        raise ValueError(f"{raw!r} is not a time zone name such as Europe/London.") from exc


def database(raw: str) -> dict[str, object]:
    config = environ.Env.db_url_config(url("sqlite", "postgres", "postgresql")(raw))
    if not config["NAME"]:
        raise ValueError("it names no database, as in postgres://user:password@host:5432/collections.")
    if config["ENGINE"].endswith("sqlite3"):
        # One writer at a time, taken at BEGIN: no deadlock by upgrade, and no lost update.
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000;",
        }
        return {**config, "OPTIONS": options}
    return {**config, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def mail(raw: str) -> dict[str, object]:
    if raw == "console://":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if raw.startswith("anymail+"):
        return provider(raw)
    checked = url("smtp", "smtps", "smtp+tls", "smtp+ssl")(raw)
    # smtps means TLS from the first byte (RFC 8314); django-environ would take it for STARTTLS.
    return environ.Env.email_url_config(re.sub("^smtps://", "smtp+ssl://", checked))


# provider of django-anymail -> its settings that the user, password and host of EMAIL_URL stand for
PROVIDERS = {
    "brevo": ("BREVO_API_KEY",),
    "mailersend": ("MAILERSEND_API_TOKEN",),
    "mailgun": ("MAILGUN_API_KEY", "", "MAILGUN_SENDER_DOMAIN"),
    "mailjet": ("MAILJET_API_KEY", "MAILJET_SECRET_KEY"),
    "postmark": ("POSTMARK_SERVER_TOKEN",),
    "resend": ("RESEND_API_KEY",),
    "sendgrid": ("SENDGRID_API_KEY",),
    "sparkpost": ("SPARKPOST_API_KEY",),
}


def provider(raw: str) -> dict[str, object]:
    """anymail+postmark://TOKEN, anymail+mailgun://KEY@mg.example.com?api_url=...; further settings after the ?."""
    parts = urlsplit(raw)
    name = parts.scheme.removeprefix("anymail+")
    if name not in PROVIDERS:
        raise ValueError(f"{name!r} is none of these mail providers: {', '.join(sorted(PROVIDERS))}.")
    before, _, host = parts.netloc.rpartition("@")
    user, _, password = (before or host).partition(":")
    given = dict(zip(PROVIDERS[name], map(unquote, (user, password, host if before else "")), strict=False))
    missing = [setting for setting, value in given.items() if setting and not value]
    if missing:
        raise ValueError(f"it names no {' and no '.join(missing)}, as in anymail+mailgun://KEY@mg.example.com.")
    more = {f"{name}_{key}".upper(): value for key, value in parse_qsl(parts.query)}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{name}.EmailBackend",
        "MAIL_PROVIDER": name,
        "ANYMAIL": {setting: value for setting, value in {**given, **more}.items() if setting},
    }


def basic_auth(raw: str) -> str:
    if not all(raw.partition(":")[::2]) or len(raw) < 20:
        raise ValueError("it is not like user:password with at least 20 characters.")
    return raw


def pattern(raw: str) -> str:
    try:
        re.compile(raw)
    except re.error as exc:
        raise ValueError(f"{raw!r} is no regular expression: {exc}.") from exc
    return raw


def http_method(raw: str) -> str:
    if raw.upper() not in ("GET", "POST", "PUT"):
        raise ValueError(f"{raw!r} is none of GET, POST and PUT.")
    return raw.upper()


def signing_secret(raw: str) -> str:
    if len(raw) < 20:
        raise ValueError("a secret has at least 20 characters.")
    return raw


def reply_address(raw: str) -> str:
    """An address with {token} in its local part, which our mail server delivers to the mailbox of IMAP_URL."""
    local, _, host = raw.partition("@")
    if raw.count("{token}") != 1 or "{token}" not in local or "." not in host or len(local) > 35:
        raise ValueError(
            f"{raw!r} is not like accounts+{{token}}@example.com (at most 28 characters beside the token)."
        )
    return raw


def stripe_key(raw: str) -> str:
    if not raw.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        raise ValueError("A Stripe secret key starts with sk_test_, sk_live_, rk_test_ or rk_live_.")
    return raw


def log_level(raw: str) -> str:
    if raw.upper() not in logging.getLevelNamesMapping():
        raise ValueError(f"{raw!r} is not a level such as DEBUG, INFO or WARNING.")
    return raw.upper()


def folder(raw: str) -> Path:
    """An absolute path of a folder that exists or could be made."""
    path = Path(raw).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ValueError(f"the folder {raw!r} cannot be made ({exc.strerror}).") from exc
    return path


def long_key(raw: str) -> str:
    if len(raw) < 50 or len(set(raw)) < 10:
        raise ValueError("a key has at least 50 characters, 10 of them different; leave it out to have one made.")
    return raw


def kept_secret_key() -> str:
    """The key in the data folder, made at the first start, so that links and sessions outlive a restart."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        # Linked into place when complete: of two processes that start at once, both read the same whole key.
        handle, part = tempfile.mkstemp(dir=DATA_DIR)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        os.unlink(part)
    return long_key(path.read_text())


# --- this machine ----------------------------------------------------------------------------------------------------

DEBUG = read("DEBUG", flag, False)
DATA_DIR = read("DATA_DIR", folder, BASE_DIR / ("test-results/data" if TESTING else "data"))
DATA_DIR.mkdir(parents=True, exist_ok=True)
LISTEN_ON = read("LISTEN_ON", str, "127.0.0.1")
PORT = read("PORT", count, 8000)
SITE_URL = read("SITE_URL", url("http", "https"), f"http://127.0.0.1:{PORT}")
IS_HTTPS = SITE_URL.startswith("https://")
SECRET_KEY = read("SECRET_KEY", long_key, "") or kept_secret_key()
SECRET_KEY_FALLBACKS = read("SECRET_KEY_FALLBACKS", words, [])
ALLOWED_HOSTS = read("ALLOWED_HOSTS", words, [urlsplit(SITE_URL).hostname or "127.0.0.1", "127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]

DATABASES = {"default": read("DATABASE_URL", database, database(f"sqlite:///{DATA_DIR / 'collections.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = read("REDIS_URL", url("redis", "rediss", "unix"), "")
if REDIS_URL:  # rate limits and worker heartbeats are then shared by all machines
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
MEDIA_ROOT = DATA_DIR / "files"

EMAIL_URL = read("EMAIL_URL", mail, {"EMAIL_BACKEND": "collections_app.mailbox.FolderBackend"})
MAIL_PROVIDER = ""  # the name of a provider of django-anymail, when EMAIL_URL is one
ANYMAIL: dict[str, object] = {}
globals().update(EMAIL_URL)
# The user:password that the providers of mail and text messages call our webhooks with.
WEBHOOK_SECRET = read("WEBHOOK_SECRET", basic_auth, "")
ANYMAIL |= {"REQUESTS_TIMEOUT": 20}
ANYMAIL |= {"WEBHOOK_SECRET": WEBHOOK_SECRET} if WEBHOOK_SECRET else {}
EMAIL_TIMEOUT = 20
MAIL_FOLDER = DATA_DIR / "mail"  # where mail goes while EMAIL_URL is not set
DEFAULT_FROM_EMAIL = read("DEFAULT_FROM_EMAIL", str, "accounts@example.com")

# Where answers come in: a mailbox that is read every minute, and the address in Reply-To that names the mail answered.
IMAP_URL = read("IMAP_URL", url("imaps", "imap"), "")
REPLY_ADDRESS = read("REPLY_ADDRESS", reply_address, "")

# Text messages: twilio://SID:TOKEN@SENDER, or the address of any provider that takes one request for each.
SMS_URL = read("SMS_URL", url("twilio", "https", "http"), "")
SMS_SENDER = read("SMS_SENDER", str, "")
SMS_METHOD = read("SMS_METHOD", http_method, "POST")
SMS_AUTHORIZATION = read("SMS_AUTHORIZATION", str, "")
SMS_BODY = read("SMS_BODY", str, '{"to": "<to>", "from": "<sender>", "text": "<text>", "id": "<id>"}')
SMS_SUCCESS = read("SMS_SUCCESS", pattern, "")
SMS_ID = read("SMS_ID", pattern, r'"(?:id|sid|message_id|messageId)"\s*:\s*"?([\w.:-]+)')
# Letters through a post provider, and levels that tell another system.
POST_URL = read("POST_URL", url("pingen"), "")
NOTICE_WEBHOOK_URL = read("NOTICE_WEBHOOK_URL", url("https", "http"), "")
NOTICE_WEBHOOK_SECRET = read("NOTICE_WEBHOOK_SECRET", signing_secret, "") or SECRET_KEY

STRIPE_SECRET_KEY = read("STRIPE_SECRET_KEY", stripe_key, "")
STRIPE_WEBHOOK_SECRETS = read("STRIPE_WEBHOOK_SECRETS", words, [])
STRIPE_API_BASE = read("STRIPE_API_BASE", url("http", "https"), "https://api.stripe.com")
# The test payment page closes invoices without money, so a site on https, where real clients come, must ask for it.
TEST_PAYMENTS = read("TEST_PAYMENTS", flag, not IS_HTTPS)
PORTAL_LINK_DAYS = read("PORTAL_LINK_DAYS", count, 90)

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"), ("nl", "Nederlands")]
TIME_ZONE = read("TIME_ZONE", time_zone, "Europe/London")
USE_TZ = True
USE_I18N = True

# --- application -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "collections_app",
    "invoices",
    "reminders",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_q",
    "django_htmx",
    "lucide",
    "csp",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "collections_app.urls"
WSGI_APPLICATION = "collections_app.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "collections_app.dashboard.context.may",
                "collections_app.dashboard.waiting.waiting",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns when it is not there
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- who may come in -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "collections_app.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "collections_app.accounts.StaffAccountAdapter"  # sign-up is closed; managers add users
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLED = not TESTING
AXES_VERBOSE = False  # no line of its own at every start

# --- safety ----------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, "https://checkout.stripe.com"],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = IS_HTTPS and read("SECURE_SSL_REDIRECT", flag, True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # load balancers ask over plain http
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

# --- background work -------------------------------------------------------------------------------------------------

Q_CLUSTER: dict[str, object] = {
    "name": "collections",
    "workers": read("WORKERS", count, 2),
    "timeout": 900,  # a run over a million items takes about a minute
    "retry": 1200,  # must exceed timeout, else a long task runs beside itself
    "max_attempts": 1,  # a tick that failed is followed by the next tick
    "ack_failures": True,
    "catch_up": False,  # ticks compute what is due from data; missed ones are not made up for
    "save_limit": 500,
    "queue_limit": 20,
    "poll": 1,
    "label": "Background work",
}
Q_CLUSTER |= {"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}

# --- house limits ----------------------------------------------------------------------------------------------------

# Differences up to this, in units of the invoice's currency, are not worth a reminder.
TOLERANCE = Decimal("0.50")
IMPORT_MAX_ROWS = 2_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django-q": {"level": "WARNING"},  # else five lines for every tick
        "django.request": {"level": "ERROR"},  # a wrong address is no news
        **{name: {"level": "WARNING"} for name in ("weasyprint", "fontTools", "axes")},
    },
    "root": {"handlers": ["console"], "level": read("LOG_LEVEL", log_level, "INFO" if not TESTING else "WARNING")},
}
