"""Lists of the desk that stay quick with a million rows: bounded counts, full text, columns.

Django counts every row of a list to number its pages; here counting stops at a limit, beyond which
nobody turns pages but everybody filters.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from pyroaring import BitMap

from archive.curation import overview
from archive.models import KINDS, Kind, OtherName, Preference, Story, Tag, Tagging
from archive.models.tag import name_key
from archive.search import fulltext
from archive.search.index import index
from archive.search.wording import language_name

#: Rows that a list counts, and so the last that it shows; filters find the others.
COUNTED = 10_000
#: Stories that a search of the desk finds, the newest ids; more words find fewer.
FOUND = 5_000
#: With more rows, the counts beside the filters would cost more than they say.
FACET_ROWS = 20_000


class AboutSoMany(int):
    """A count that went no further than the limit, and says so when it is shown."""

    def __str__(self) -> str:
        return f"{COUNTED:,}+" if self > COUNTED else super().__str__()


class BoundedPaginator(Paginator):
    """Pages of the first rows of a list, counted up to the limit."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, up to one more than the limit."""
        rows = self.object_list.order_by()[: COUNTED + 1]  # type: ignore[union-attr]
        return AboutSoMany(rows.count())


class ListOptions(admin.ModelAdmin):
    """What the desk's long lists have in common."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    #: Columns that may be left away or added, besides the first.
    more_columns: ClassVar[list[str]] = []
    #: What the search field takes. Django's own hint would be taken for the field's label.
    search_hint: Any = ""

    @property
    def show_facets(self) -> Any:
        """Counts beside the filters, where counting is cheap."""
        rows = self.model._base_manager.order_by()[: FACET_ROWS + 1].count()
        facets = admin.ShowFacets
        return facets.ALWAYS if rows <= FACET_ROWS else facets.NEVER

    def columns(self) -> list[str]:
        """All columns that can be chosen."""
        return [*self.list_display[1:], *self.more_columns]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """The first column, and those that the person chose."""
        usual = list(self.list_display)
        chosen = Preference.objects.filter(user=request.user.pk, name=self._preference()).first()
        if chosen is None:
            return usual
        return [usual[0], *(name for name in self.columns() if name in chosen.value)]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the choice of columns; no sign reaches the database that it cannot hold."""
        if "\x00" in "".join(value for pair in request.GET.lists() for value in pair[1]):
            request.GET = QueryDict(request.GET.urlencode().replace("%00", ""))  # type: ignore[assignment]
        shown = self.get_list_display(request)
        context = {
            "columns": [(name, self._column_label(name), name in shown) for name in self.columns()],
            "columns_for": self.opts.model_name,
            "search_hint": self.search_hint,
            "title": capfirst(str(self.opts.verbose_name_plural)),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def _preference(self) -> str:
        return f"columns.{self.opts.model_name}"

    def _column_label(self, name: str) -> str:
        return admin.utils.label_for_field(name, self.model, self)  # type: ignore[no-any-return,attr-defined]


@require_POST
def choose_columns(request: HttpRequest, model: str) -> HttpResponse:
    """Remember which columns a person wants to see in a list."""
    pages = {
        page.opts.model_name: page
        for page in admin.site._registry.values()
        if isinstance(page, ListOptions)
    }
    page = pages.get(model)
    if page is None or not page.has_view_or_change_permission(request):
        raise PermissionDenied
    name = page._preference()
    if request.POST.get("usual"):
        Preference.objects.filter(user=request.user.pk, name=name).delete()
    else:
        wanted = request.POST.getlist("column")
        chosen = [column for column in page.columns() if column in wanted]
        Preference.objects.update_or_create(
            user=request.user, name=name, defaults={"value": chosen}
        )
    return redirect(f"admin:archive_{model}_changelist")


def search_stories(request: HttpRequest, stories: QuerySet[Story], text: str) -> QuerySet[Story]:
    """Those of *stories* whose title or text holds the words, or that a tag so called is on.

    The full-text engine finds them; of very many, those that came last are shown, and it is said.
    """
    query = fulltext.parse(text)
    if not query:
        return stories
    hits, negative = fulltext.matches(connections[DEFAULT_DB_ALIAS], query)
    if negative:
        return stories.exclude(pk__in=_last(request, hits))
    called = Q(name_key=name_key(text)) | Q(other_names__name_key=name_key(text))
    tags = list(Tag.objects.filter(called).values_list("pk", flat=True).distinct()[:50])
    tagged = Tagging.objects.filter(story=OuterRef("pk"), tag__in=tags)
    tagged = tagged.exclude(state=Tagging.State.REJECTED)
    found = Q(pk__in=_last(request, hits))
    return stories.filter(found | Exists(tagged) if tags else found)


def _last(request: HttpRequest, hits: BitMap) -> list[int]:
    if len(hits) <= FOUND:
        return list(hits)
    words = _("More than %(number)s stories hold these words; those that came last are listed.")
    messages.info(request, words % {"number": f"{FOUND:,}"})
    return list(hits[len(hits) - FOUND :])


def search_tags(tags: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of *tags* that bear the name, or one that holds it, whatever its case and accents."""
    key = name_key(text.replace("\x00", ""))
    if not key:
        return tags
    others = OtherName.objects.filter(tag=OuterRef("pk"), name_key__contains=key)
    return tags.filter(Q(name_key__contains=key) | Exists(others))


class Choice(admin.SimpleListFilter):
    """A filter of a few choices, each with the rows that it leaves."""

    choices_given: ClassVar[dict[str, Any]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The choices."""
        return list(self.choices_given.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the list down to what was chosen."""
        value = self.value()
        self.request = request
        return self.narrow(queryset, value) if value in self.choices_given else queryset

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Those of *rows* that *value* stands for."""
        raise NotImplementedError

    def bounded(self, ids: BitMap) -> list[int]:
        """The last that came of *ids*; if there are more than a list names, the page says so."""
        if len(ids) <= FOUND:
            return list(ids)
        # The filter is asked again for the counts beside it; the page says it once.
        chosen = self.parameter_name in self.request.GET
        if chosen and not getattr(self.request, "_dastan_bounded", False):
            self.request._dastan_bounded = True  # type: ignore[attr-defined]
            words = _("There are %(all)s in all; the %(shown)s that came last are listed.")
            shown = {"all": f"{len(ids):,}", "shown": f"{FOUND:,}"}
            messages.info(self.request, words % shown)
        return list(ids[len(ids) - FOUND :])


class When(Choice):
    """Stories that wait for their time."""

    title = gettext_lazy("time")
    parameter_name = "when"
    choices_given: ClassVar = {"scheduled": gettext_lazy("scheduled")}

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Scheduled ones."""
        return rows.filter(status=Story.Status.PUBLISHED, published_at__gt=Now())


class Language(admin.SimpleListFilter):
    """Stories in a language; the index knows which there are."""

    title = gettext_lazy("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The languages of published stories."""
        with index.reading() as state:
            return [(code, language_name(code)) for code in sorted(state.languages)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the list down."""
        return queryset.filter(language=self.value()) if self.value() else queryset


class Gap(Choice):
    """Stories that no tag of a kind is on."""

    title = gettext_lazy("gap")
    parameter_name = "gap"
    choices_given: ClassVar = {
        kind: gettext_lazy("without %(plural)s") % {"plural": info.plural}
        for kind, info in KINDS.items()
    }

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Published stories, as the index knows them, the last that came of very many."""
        ids = overview.without(value)
        return rows.filter(pk__in=self.bounded(ids))


class Use(Choice):
    """Tags by how many stories they are on."""

    title = gettext_lazy("use")
    parameter_name = "use"
    choices_given: ClassVar = {
        "once": gettext_lazy("on one story"),
        "never": gettext_lazy("on no story"),
    }

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Tags on one story, as the index knows them, or on none at all."""
        if value == "never":
            used = Tagging.objects.filter(tag=OuterRef("pk"))
            return rows.filter(~Exists(used), narrower__isnull=True)
        kind = rows.model.KIND or ""
        ids = overview.used_once(kind)
        return rows.filter(pk__in=self.bounded(ids))


class Point(Choice):
    """Places without coordinates."""

    title = gettext_lazy("coordinates")
    parameter_name = "point"
    choices_given: ClassVar = {"none": gettext_lazy("none")}

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Places that are on a story and on no map."""
        return rows.filter(pk__in=overview.pointless().values("pk"), kind=Kind.PLACE)
