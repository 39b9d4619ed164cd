#!/usr/bin/env python3
"""Django's command line; `manage.py help` lists the product's own commands under [collections_app]."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collections_app.settings")
    execute_from_command_line(sys.argv)
