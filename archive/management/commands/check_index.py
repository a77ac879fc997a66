"""Compare the index and the full text with the rows."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connection

from archive.search import check
from archive.search.triggers import install_after_migrate


class Command(BaseCommand):
    """Say what differs, and mend it if asked to."""

    help = (
        "Compares the triggers, the index and the full text with the rows. Fails if anything "
        "differs and is not repaired."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare whether to mend."""
        parser.add_argument("--repair", action="store_true", help="mend what differs")

    def handle(self, **options: Any) -> None:
        """Check, and mend if asked to.

        Raises:
            CommandError: something differs (after the repair, if there was one).
        """
        problems = check.problems(connection)
        for problem in problems:
            self.stdout.write(problem)
        if problems and options["repair"]:
            install_after_migrate(DEFAULT_DB_ALIAS)
            check.repair(connection)
            problems = check.problems(connection)
            self.stdout.write("Repaired." if not problems else "\n".join(problems))
        if problems:
            raise CommandError("The index differs from the rows. --repair mends it.")
        self.stdout.write("Index and full text agree with the rows.")
