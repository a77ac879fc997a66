"""History at the desk: who changed what and when, any two versions side by side, restoring.

``HistoryAdmin`` serves stories and tags alike; ``archive.models.history`` keeps the versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, re_path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from reversion.admin import VersionAdmin
from reversion.models import Version

from archive.curation.audit import record
from archive.curation.merging import merge_that_took
from archive.curation.presence import others
from archive.curation.versions import compare_versions, content, readable, restore
from archive.models import Decision, Story, Tagging
from archive.models.history import baseline, catch_up, keep, one_revision

__all__ = ["HistoryAdmin", "baseline", "keep", "one_revision"]

#: Versions, and deleted rows, on one page.
PER_PAGE = 50


def _decisions(row: Any) -> list[Decision]:
    """The newest decisions of review about the story *row*; tags have theirs among the versions."""
    if not isinstance(row, Story):
        return []
    made = Decision.objects.filter(stories=row).select_related("user").defer("record")
    return list(made.order_by("-pk")[:PER_PAGE])


class HistoryAdmin(VersionAdmin):
    """An admin whose rows keep every version, and show and restore them."""

    history_latest_first = True
    change_list_template = "admin/change_list_history.html"

    def get_urls(self) -> list[URLPattern]:
        """Addresses of comparing and restoring, before those of reversion."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        ours = [
            (r"^(\d+)/history/compare/$", require_safe(self.compare_view), "compare"),
            (r"^(\d+)/history/(\d+)/restore/$", require_POST(self.restore_view), "restore"),
            (r"^recover/(\d+)/restore/$", require_POST(self.recover_now_view), "recover_now"),
        ]
        return [
            *(
                re_path(pattern, self.admin_site.admin_view(view), name=f"{name}_{verb}")
                for pattern, view, verb in ours
            ),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kw: Any
    ) -> HttpResponse:
        """With the names of others who have the row open."""
        context["presence_model"] = self._concrete()._meta.model_name
        context["others"] = others(request, context.get("original"))
        return super().render_change_form(request, context, *args, **kw)  # type: ignore[no-any-return]

    # Keeping versions.

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kw: Any) -> Any:
        """Keep the row as it was, if nothing was kept yet, before the first change."""
        if request.method != "POST":
            return super().change_view(request, object_id, *args, **kw)
        with transaction.atomic():
            row = self.get_object(request, object_id)
            if row is not None and self.has_change_permission(request, row):
                catch_up(row)
            return super().change_view(request, object_id, *args, **kw)

    @contextmanager
    def create_revision(self, request: HttpRequest) -> Iterator[None]:
        """A revision, where something may be written: looking takes no lock."""
        if request.method == "POST":
            with super().create_revision(request):
                yield
        else:
            yield

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Keep the row and what hangs on it, so that it can come back; note who deleted it."""
        self._keep_deleted(request, [obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """As for one."""
        with transaction.atomic():
            self._keep_deleted(request, list(queryset))
            super().delete_queryset(request, queryset)

    def _keep_deleted(self, request: HttpRequest, rows: list[Any]) -> None:
        with one_revision(request.user, _("Deleted")):
            keep(rows)
            if self._concrete() is not Story:
                keep(Tagging.objects.filter(tag__in=rows).iterator())
        kind = "story" if self._concrete() is Story else "tag"
        for row in rows:
            record(request.user, f"{kind}.deleted", row, id=row.pk)

    # Showing them.

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the way to what was deleted, for those who could have deleted it."""
        context = {"may_recover": self.has_delete_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[no-any-return]

    def _concrete(self) -> type[Model]:
        return self.model._meta.concrete_model  # type: ignore[no-any-return]

    def _row(self, request: HttpRequest, object_id: str) -> Any:
        """The row, if the account may see it."""
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return row

    def _versions(self, object_id: Any) -> QuerySet[Version]:
        return Version.objects.get_for_object_reference(  # type: ignore[no-any-return]
            self._concrete(), object_id
        ).select_related("revision", "revision__user")

    def _context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        opts = self.opts
        return {
            **self.admin_site.each_context(request),
            "opts": opts,
            "title": title,
            "module_name": str(opts.verbose_name_plural).capitalize(),
            "list_url": reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
            "url_base": f"admin:{opts.app_label}_{opts.model_name}",
            **more,
        }

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """All versions, newest first, any two to be chosen for comparison."""
        row = self._row(request, object_id)
        versions = self._versions(row.pk).defer("serialized_data").order_by("-pk")
        page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page"))
        title = _("History of %(name)s") % {"name": row}
        context = self._context(
            request,
            title,
            object=row,
            page=page,
            may_restore=self.has_change_permission(request, row),
            may_undo=request.user.has_perm("archive.change_tagging"),
            decisions=_decisions(row),
            most_decisions=PER_PAGE,
        )
        return TemplateResponse(request, "admin/history.html", context)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Two versions side by side; without ``to``, the version ``from`` and the newest."""
        row = self._row(request, object_id)
        left = self._chosen(row, request.GET.get("from"))
        right = self._chosen(row, request.GET.get("to"))
        if right is not None and left is not None and left.pk > right.pk:
            left, right = right, left
        if left is None or right is None:
            raise Http404
        context = self._context(
            request,
            _("Versions of %(name)s") % {"name": row},
            object=row,
            left=left,
            right=right,
            newest=self._versions(row.pk).values_list("pk", flat=True).first(),
            fields=compare_versions(left, right),
            may_restore=self.has_change_permission(request, row),
        )
        return TemplateResponse(request, "admin/compare_versions.html", context)

    def _chosen(self, row: Any, pk: str | None) -> Version | None:
        """The version with that number, or the newest if none is named."""
        if not pk:
            return self._versions(row.pk).first()
        if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            return None
        return self._versions(row.pk).filter(pk=int(pk)).first()

    def revision_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """One version, beside the newest."""
        url = reverse(f"{self._context(request, '')['url_base']}_compare", args=[object_id])
        return redirect(f"{url}?from={version_id}")

    # Bringing them back.

    def restore_view(self, request: HttpRequest, object_id: str, version_id: str) -> HttpResponse:
        """Make an older version the newest."""
        row = self._row(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        version = get_object_or_404(self._versions(row.pk), pk=version_id)
        if self._restored(request, version):
            self.message_user(
                request, _("The version is restored. The one before it is in the history.")
            )
        base = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return redirect(f"{base}_change", quote(row.pk))

    def _restored(self, request: HttpRequest, version: Version) -> bool:
        try:
            with transaction.atomic():
                row = restore(version, request.user)
                kind = "story" if isinstance(row, Story) else "tag"
                record(request.user, f"{kind}.restored", row, id=row.pk, version=version.pk)
        except (ValidationError, IntegrityError) as error:
            why = readable(error) if isinstance(error, ValidationError) else _("it clashes")
            text = _("It could not be restored: %(why)s") % {"why": why}
            self.message_user(request, text, messages.ERROR)
            return False
        return True

    def _may_recover(self, request: HttpRequest) -> None:
        """Deleted rows are shown to those who could have deleted them."""
        if not self.has_delete_permission(request):
            raise PermissionDenied

    def recoverlist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """What was deleted, newest first."""
        self._may_recover(request)
        page = Paginator(self._deleted(), PER_PAGE).get_page(request.GET.get("page"))
        for version in page:
            version.merge = merge_that_took(version)
        names = {"names": self.opts.verbose_name_plural}
        context = self._context(request, _("Deleted %(names)s") % names, page=page)
        return TemplateResponse(request, "admin/deleted.html", context)

    def _deleted(self) -> QuerySet[Version]:
        versions = Version.objects.get_deleted(self._concrete()).select_related("revision__user")
        kind = getattr(self.model, "KIND", None)
        if kind:
            # Reversion serialises as JSON, whose form Python's json module fixes.
            versions = versions.filter(serialized_data__contains=f'"kind": "{kind.value}"')
        return versions.defer("serialized_data").order_by("-pk")  # type: ignore[no-any-return]

    def recover_view(
        self, request: HttpRequest, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """A deleted row as it was."""
        self._may_recover(request)
        version = get_object_or_404(self._deleted(), pk=version_id)
        title = _("Deleted: %(name)s") % {"name": version.object_repr}
        context = self._context(
            request,
            title,
            version=version,
            content=content(version).items(),
            merge=merge_that_took(version),
        )
        return TemplateResponse(request, "admin/deleted_version.html", context)

    def recover_now_view(self, request: HttpRequest, version_id: str) -> HttpResponse:
        """Bring a deleted row back."""
        self._may_recover(request)
        version = get_object_or_404(self._deleted(), pk=version_id)
        base = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if merge := merge_that_took(version):
            # On its own it would come back as an empty twin of the one that has its stories now.
            text = _("It was merged into “%(tag)s”. Undo the merge to part the two.")
            self.message_user(request, text % {"tag": merge.tag}, messages.ERROR)
            return redirect(f"{base}_recover", version.pk)
        if not self._restored(request, version):
            return redirect(f"{base}_recover", version.pk)
        self.message_user(request, _("“%(name)s” is back.") % {"name": version.object_repr})
        return redirect(f"{base}_change", quote(version.object_id))
