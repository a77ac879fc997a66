"""Bring the archive up to date and, on the first start, fill it."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, call_command
from django.core.management.base import CommandError
from rich.console import Console

from archive.management.reporting import print_report
from archive.models import Import, Story
from archive.pipeline import Outcome, import_paths

FIRST_COLLECTION = "The first four lives"


class Command(BaseCommand):
    """Migrate, import ``seeds/`` into an empty archive, make the first curator."""

    help = (
        "Prepares the archive: migrates the database, imports seeds/ if there has never been a "
        "story, and makes the first curator's account. Running it again changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each step that is still to be done."""
        call_command("migrate", interactive=False, verbosity=0)
        # A curator who deleted the seeds does not want them back; a first start that was
        # interrupted is completed.
        finished = Import.objects.filter(finished__isnull=False).exists()
        if not finished and (Import.objects.exists() or not Story.objects.exists()):
            self.import_seeds()
        if not get_user_model().objects.exists():
            self.make_curator()

    def import_seeds(self) -> None:
        """Import the first collection and say what was done."""
        report = import_paths([settings.BASE_DIR / "seeds"], collection=FIRST_COLLECTION)
        self.stdout.write(f"The first collection, from {settings.BASE_DIR / 'seeds'}:")
        print_report(Console(file=self.stdout._out, highlight=False), report)  # type: ignore[attr-defined]
        if report.counts[Outcome.REFUSED]:
            raise CommandError("The first collection in seeds/ could not be imported whole.")

    def make_curator(self) -> None:
        """Make an account with a random password and show it, this once."""
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser("curator", password=password)
        self.stdout.write(
            "\nYour account for /admin/ (the password is shown only now; change it there):\n"
            f"  user name  curator\n  password   {password}\n"
        )
