"""The limits of this archive, which its operator may change."""

from __future__ import annotations

from django.conf import settings

from archive.importing.values import Limits


def current_limits() -> Limits:
    """What importing accepts at most, by the settings."""
    return Limits(**settings.IMPORT_LIMITS)
