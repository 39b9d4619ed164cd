"""Configuration of gunicorn, which serves the pages: `gunicorn -c python:collections_app.server`."""

from __future__ import annotations

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collections_app.settings")

wsgi_app = "collections_app.wsgi"
bind = f"{settings.LISTEN_ON}:{settings.PORT}"
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True  # imports once for all workers: half the memory and half the start
timeout = 60
graceful_timeout = 15
keepalive = 5
max_requests = 5000  # a worker that grew is replaced
max_requests_jitter = 500
loglevel = "warning"  # requests are the reverse proxy's to log
