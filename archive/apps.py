"""Dastan as a Django app."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class ArchiveConfig(AppConfig):
    """The one app of the project."""

    name = "archive"
    verbose_name = "Curators’ desk"

    def ready(self) -> None:
        """Have the database's triggers put in place whenever its tables may have been rebuilt."""
        from archive.search.triggers import install_after_migrate

        post_migrate.connect(install_after_migrate, sender=self)


class DeskConfig(AdminConfig):
    """The admin, with our site in the place of the stock one."""

    default_site = "archive.curation.site.Desk"

    def ready(self) -> None:
        """Register what curators edit; it does not lie where Django would look for it."""
        super().ready()
        from archive.curation import admin  # noqa: F401
