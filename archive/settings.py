"""Settings. What differs between machines comes from the environment (docs/operators.md).

A value that cannot be read stops the program with its name; there is no debug mode.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language_info

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

#: Database, secret key, collected static files: all that must be backed up, and nothing else.
DATA_DIR = Path(env.str("DASTAN_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()


def secret_key(folder: Path) -> str:
    """The secret key from the environment, or from *folder*, where the first start makes one.

    Raises:
        ImproperlyConfigured: the key is too short to be safe, or cannot be kept.
    """
    key = env.str("DASTAN_SECRET_KEY", default="")
    path = folder / "secret_key"
    if not key:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # O_EXCL: of two processes that start together, one writes and the other reads.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(50))
        except FileExistsError:
            pass
        except OSError as error:
            raise ImproperlyConfigured(
                f"Cannot keep a secret key in {path} ({error.strerror}). Make the folder "
                "writable, set DASTAN_DATA_DIR to one that is, or set DASTAN_SECRET_KEY."
            ) from error
        key = path.read_text().strip()
    if len(key) < 40:
        raise ImproperlyConfigured(
            "The secret key (DASTAN_SECRET_KEY) needs 40 characters or more."
        )
    return key


SECRET_KEY = secret_key(DATA_DIR)
DEBUG = False
ALLOWED_HOSTS = env.list("DASTAN_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
#: Set where a proxy speaks HTTPS to visitors: secure cookies, redirects and HSTS.
HTTPS = env.bool("DASTAN_HTTPS", default=False)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

#: Whether visitors see tags that the tagger proposed and no curator has confirmed yet.
SHOW_SUGGESTIONS = env.bool("DASTAN_SHOW_SUGGESTIONS", default=True)
#: What the archive is called on its pages.
SITE_NAME = env.str("DASTAN_SITE_NAME", default="Dastan")

INSTALLED_APPS = [
    "archive.apps.ArchiveConfig",
    "archive.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "reversion",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "archive.reading.frame.CompressPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "archive.urls"
WSGI_APPLICATION = "archive.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "archive.reading.context.site",
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'dastan.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Tests use a file too: several connections to one database in memory are a thing of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] = {
        # A writer says so at once and waits its turn: no deadlock half way through (seconds).
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # As much of the file as SQLite allows (2 GB) is read where all processes share it.
        "init_command": (
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
            "PRAGMA mmap_size = 2147418112; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A connection that stays open (seconds) knows the tables and keeps what it read.
DATABASES["default"]["CONN_MAX_AGE"] = 60

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Sign-in is throttled: after ten wrong passwords, an hour's pause for that name from that address.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
#: Languages of the pages: English, and each whose catalogue is compiled (docs/developers.md).
LANGUAGES = [
    (code, get_language_info(code)["name_local"])
    for code in ("en", *sorted(p.parts[-3] for p in BASE_DIR.glob("locale/*/*/django.mo")))
]
if len(LANGUAGES) > 1:
    after = MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware") + 1
    MIDDLEWARE.insert(after, "django.middleware.locale.LocaleMiddleware")
CSRF_FAILURE_VIEW = "archive.curation.resuming.stale_form"
FORMAT_MODULE_PATH = ["archive.formats"]
TIME_ZONE = env.str("DASTAN_TIME_ZONE", default="UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
#: What importing accepts at most; the fields of ``archive.importing.values.Limits``.
IMPORT_LIMITS = {
    "max_file_bytes": env.int("DASTAN_MAX_FILE_SIZE", default=20_000_000),
    "max_zip_bytes": env.int("DASTAN_MAX_ARCHIVE_SIZE", default=200_000_000),
    "max_archive_members": env.int("DASTAN_MAX_ARCHIVE_FILES", default=20_000),
    "max_archive_bytes": env.int("DASTAN_MAX_ARCHIVE_UNPACKED_SIZE", default=500_000_000),
    "max_front_matter_bytes": env.int("DASTAN_MAX_FRONT_MATTER_SIZE", default=64_000),
}
#: What one upload in the admin may bring together, in bytes, and in files.
MAX_UPLOAD_BYTES = env.int("DASTAN_MAX_UPLOAD_SIZE", default=200_000_000)
MAX_UPLOAD_FILES = env.int("DASTAN_MAX_UPLOAD_FILES", default=500)
for name, limit in (
    *IMPORT_LIMITS.items(),
    ("max_upload_bytes", MAX_UPLOAD_BYTES),
    ("max_upload_files", MAX_UPLOAD_FILES),
):
    if limit < 1:
        raise ImproperlyConfigured(f"The limit {name} must be 1 or more.")
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_UPLOAD_FILES
FILE_UPLOAD_HANDLERS = [
    "archive.curation.staging.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# A story of the largest size, with its form, and no more (bytes).
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
# A story with two thousand tags, each a row of its form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("DASTAN_LOG_LEVEL", default="WARNING")},
}
