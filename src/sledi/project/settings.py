"""Settings, all from the environment; ``sledi config check`` prints and checks them."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

from sledi.database import account, folder
from sledi.project.options import (
    Options,
    contact,
    database_server,
    long_secret,
    mail_server,
    web_address,
)

PACKAGE = Path(__file__).resolve().parent.parent
OPTIONS = Options(os.environ)

DATA_DIR = Path(
    OPTIONS.text("SLEDI_DATA_DIR", "the folder for everything this installation keeps", folder.DEFAULT)
).absolute()


def database_settings(url: str) -> dict[str, object]:
    """Django's settings for ``postgresql://user:secret@host:port/name?host=/socket/folder``."""
    parts = urlsplit(url)
    words = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "sledi",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": words.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # A statement asked the fifth time is prepared: planning the wide ones takes longer than doing them.
        "OPTIONS": {
            "application_name": "sledi",
            "server_side_binding": True,
            "prepare_threshold": 5,
            **words,
        },
    }


DATABASE_URL = OPTIONS.text(
    "DATABASE_URL",
    "a PostgreSQL of version 15 or newer instead of the embedded one",
    folder.address(DATA_DIR),
    database_server,
    secret=True,
)
OPTIONS.text(account.VARIABLE, "the system user who runs the embedded server when root starts it")
DATABASES = {"default": database_settings(DATABASE_URL)}

SECRET_KEY = OPTIONS.text(
    "SLEDI_SECRET_KEY",
    "signs sessions and links; `sledi up` writes one into the data folder",
    folder.secret_key(DATA_DIR),
    long_secret,
    secret=True,
)
HAS_SECRET_KEY = bool(SECRET_KEY)
SECRET_KEY = SECRET_KEY or "only-for-commands-that-sign-nothing"

DEBUG = OPTIONS.flag("SLEDI_DEBUG", "show the details of errors; never on a public address")
ALLOWED_HOSTS = OPTIONS.text(
    "SLEDI_HOSTS", "names this site answers to, with commas", "localhost,127.0.0.1,[::1]"
).split(",")
SITE_URL = OPTIONS.text(
    "SLEDI_SITE_URL", "the public address, for links in mails", "http://localhost:8000", web_address
).rstrip("/")
BEHIND_TLS = SITE_URL.startswith("https://")
BEHIND_PROXY = OPTIONS.flag("SLEDI_BEHIND_PROXY", "believe X-Forwarded-For and -Proto of a proxy in front")
SITE_NAME = OPTIONS.text("SLEDI_SITE_NAME", "the name in the head of every page", "sledi")
SECURITY_CONTACT = OPTIONS.text(
    "SLEDI_SECURITY_CONTACT", "where to report a hole, for security.txt", check=contact
)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "lucide",
    "sledi.web",
    "sledi.history",
    "sledi.accounts",
    "sledi.ledger",
    "sledi.attachments",
    "sledi.catalogue",
    "sledi.tracking",
    "sledi.parcels",
    "sledi.orders",
    "sledi.documents",
    "sledi.tracker",
    "sledi.notifications",
    # Without "allauth" itself: its pages and words are not ours, and a page we forgot must break, not look foreign.
    "allauth.account",
    "allauth.mfa",
]
AUTH_USER_MODEL = "accounts.Person"

MIDDLEWARE = [
    "sledi.project.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sledi.web.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "sledi.project.urls"
CSRF_FAILURE_VIEW = "sledi.web.errors.forged"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sledi.web.context.frame",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("ru", "Русский"),
    ("bg", "Български"),
    ("kk", "Қазақша"),
    ("uk", "Українська"),
    ("en", "English"),
]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # Never below static, never served by name: sledi.orders.reading.photos says who may see which.
    "attachments": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "attachments",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576  # one megabyte of pasted text; more is refused before it is read
# Every file is cut off behind it; not below the five megabytes of a table of orders (orders.files.sheets).
FILE_BYTES_MAX = 1_000_000 * OPTIONS.number(
    "SLEDI_FILE_MEGABYTES", "megabytes a photo may have that somebody sends", 20, least=5
)
REQUEST_BYTES_MAX = max(64_000_000, 5 * FILE_BYTES_MAX) + DATA_UPLOAD_MAX_MEMORY_SIZE  # with several files
DATA_UPLOAD_MAX_NUMBER_FILES = 20  # twice what a field of photos takes
FILE_UPLOAD_HANDLERS = [
    "sledi.attachments.uploading.CutOff",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Signing in: a code by e-mail or a passkey; no passwords anywhere. See sledi.accounts.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:account"
ACCOUNT_ADAPTER = "sledi.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"request_login_code": "sledi.accounts.forms.AddressForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code has proved the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8}  # digits are on every keyboard
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,10/h/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
MFA_ADAPTER = "sledi.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a clock half a minute off
MFA_TOTP_ISSUER = SITE_NAME
# One store for all processes, or each would count tries at signing in for itself.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

_mail = urlsplit(
    OPTIONS.text(
        "SLEDI_EMAIL_URL",
        "the mail server; without one, mails are written into the data folder",
        check=mail_server,
        secret=True,
    )
)
if _mail.scheme:
    EMAIL_HOST = _mail.hostname or ""
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = not EMAIL_USE_SSL and "tls=1" in _mail.query
    EMAIL_PORT = _mail.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mails"
DEFAULT_FROM_EMAIL = OPTIONS.text("SLEDI_EMAIL_FROM", "the sender of mails", "sledi@localhost")

PUSH_URL = OPTIONS.text(
    "SLEDI_PUSH_URL",
    "the public address where carriers push news to; empty = we do not subscribe",
    check=web_address,
).rstrip("/")

CHECK_LINKS = OPTIONS.flag("SLEDI_CHECK_LINKS", "look at the official posts' pages now and then", "1")

# Against enumeration.
NUMBERS_PER_HOUR = OPTIONS.number(
    "SLEDI_NUMBERS_PER_HOUR", "new numbers one network address may ask for in an hour", 60, least=1
)
NUMBERS_PER_HOUR_ALL = OPTIONS.number(
    "SLEDI_NUMBERS_PER_HOUR_ALL", "new numbers everybody together may ask for in an hour", 20_000, least=1
)

LINK_DAYS = OPTIONS.number(
    "SLEDI_LINK_DAYS",
    "how many days an end buyer's link stays good after his order came to its end",
    180,
    least=1,
)

LETTER_DAYS = OPTIONS.number(
    "SLEDI_LETTER_DAYS", "days until it is forgotten whom a mail about an order went to", 90, least=1
)
METRICS_TOKEN = OPTIONS.text(
    "SLEDI_METRICS_TOKEN",
    "bearer token that opens /metrics to other machines; without it only this machine reads it",
    check=lambda text: "" if len(text) >= 20 else "must have at least 20 characters",
    secret=True,
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "sledi.project.requests.RequestFilter"}},
    "formatters": {
        "json": {"()": "sledi.project.requests.JsonFormatter"},
        "plain": {"format": "%(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request"],
            "formatter": "json"
            if OPTIONS.flag("SLEDI_LOG_JSON", "one JSON object per log line")
            else "plain",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},  # what a browser asked wrongly stands in the access log
        "httpx": {"level": "WARNING"},  # its lines name addresses with credentials in them
        "sledi.access": {
            "level": "INFO" if OPTIONS.flag("SLEDI_ACCESS_LOG", "a log line for every request") else "WARNING"
        },
    },
}
