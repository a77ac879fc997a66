"""What the list can be asked: the form of its filters, and the addresses that hold the questions.

Values that the archive does not know are kept, so that the page can say what it did not find.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter

from archive.models import KINDS, SLUG_LENGTH, Story
from archive.search.fulltext.query import MAX_CHARS, clean, parse

#: Values of one parameter that are looked at; further ones are left out.
MAX_VALUES = 20
PER_PAGE = (25, 50, 100)
SORTS = {
    "relevance": _("Best match first"),
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "title": _("By title"),
    "longest": _("Longest first"),
    "shortest": _("Shortest first"),
}
#: What groups stories besides tags: parameter → heading. A story has one value at most, so that
#: several values always mean any of them.
GROUPINGS = {"collection": _("Collections"), "language": _("Languages")}
#: Digits of a page number that are read; beyond is the last page anyway.
_PAGE_DIGITS = 12


class OpenMultipleChoiceField(forms.MultipleChoiceField):
    """Several values, of which none is wrong: unknown ones are found by no story."""

    def valid_value(self, value: str) -> bool:
        """Every value may be asked for."""
        return True

    def to_python(self, value: Any) -> list[str]:
        """Distinct values as typed, bounded in number and length."""
        distinct = dict.fromkeys(clean(str(item), SLUG_LENGTH + 1) for item in value or ())
        return [item for item in distinct if item][:MAX_VALUES]


class OpenMultipleChoiceFilter(MultipleChoiceFilter):
    """A filter of several values that may be unknown."""

    field_class = OpenMultipleChoiceField


class QueryField(forms.CharField):
    """Words to look for, whatever was typed."""

    def to_python(self, value: Any) -> str:
        """One line without control characters."""
        return clean(str(value or ""))


class QueryFilter(CharFilter):
    """A filter by words."""

    field_class = QueryField


def _ask_index(queryset: QuerySet[Story], name: str, value: Any) -> QuerySet[Story]:
    """Leave *queryset* alone: results come from the index, the form is what is wanted here."""
    return queryset


def _values(label: Any) -> OpenMultipleChoiceFilter:
    return OpenMultipleChoiceFilter(
        label=label, method=_ask_index, widget=forms.MultipleHiddenInput
    )


def _switch(label: Any) -> BooleanFilter:
    return BooleanFilter(
        label=label, method=_ask_index, widget=forms.CheckboxInput(attrs={"value": "1"})
    )


class StoryFilter(FilterSet):
    """The form of the list: words, values of each kind of tag, collection, language, order."""

    q = QueryFilter(
        label=_("Search"),
        method=_ask_index,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": MAX_CHARS}),
    )
    collection = _values(_("Collection"))
    language = _values(_("Language"))
    sort = ChoiceFilter(label=_("Order"), method=_ask_index, choices=list(SORTS.items()))
    per_page = ChoiceFilter(
        label=_("Stories on a page"),
        method=_ask_index,
        choices=[(str(number), str(number)) for number in PER_PAGE],
    )

    class Meta:
        model = Story
        fields: tuple[str, ...] = ()

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        """The declared filters, and those of each kind of tag."""
        filters = dict(super().get_filters())
        for info in KINDS.values():
            name = info.parameter
            filters[name] = _values(info.heading)
            filters[f"not_{name}"] = _values(_("Not these"))
            filters[f"{name}_any"] = _switch(_("Any of these"))
            if info.tree:
                filters[f"{name}_exact"] = _switch(_("Only these themselves"))
        return filters


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of one kind of tag, by slugs."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    any_of: bool = False
    exact: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Criteria:
    """A question to the archive. Two addresses that ask the same have equal criteria."""

    query: str = ""
    tags: tuple[tuple[str, Selection], ...] = ()  # by kind, in the order of KINDS
    collections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sort: str = ""
    page: int = 1
    per_page: int = PER_PAGE[0]

    @property
    def order(self) -> str:
        """The order that applies; there is no relevance without words."""
        if self.sort == "relevance" or not self.sort:
            return "relevance" if self.query else "newest"
        return self.sort

    def selection(self, kind: str) -> Selection:
        """What is asked of *kind*."""
        return dict(self.tags).get(kind, Selection())

    def grouping(self, name: str) -> tuple[str, ...]:
        """The collections or the languages asked for."""
        return self.collections if name == "collection" else self.languages

    def with_grouping(self, name: str, values: tuple[str, ...]) -> Criteria:
        """The same question with other collections or languages, from its first page."""
        field = "collections" if name == "collection" else "languages"
        return self.replace(**{field: values})

    def with_selection(self, kind: str, selection: Selection) -> Criteria:
        """The same question but for one kind, from its first page."""
        tags = {name: dict(self.tags).get(name, Selection()) for name in KINDS}
        tags[kind] = selection
        return dataclasses.replace(self, tags=tuple(tags.items()), page=1)

    def without(self, kind: str, slug: str) -> Criteria:
        """The same question without *slug* of *kind*, wanted or not, from its first page."""
        old = self.selection(kind)
        return self.with_selection(
            kind,
            dataclasses.replace(
                old,
                wanted=tuple(value for value in old.wanted if value != slug),
                unwanted=tuple(value for value in old.unwanted if value != slug),
            ),
        )

    def replace(self, **changes: Any) -> Criteria:
        """The same question with *changes*, from its first page unless they name one."""
        return dataclasses.replace(self, **{"page": 1, **changes})

    def pairs(self) -> list[tuple[str, object]]:
        """This question as names and values of an address; what is usual is left out."""
        pairs: list[tuple[str, object]] = []
        if self.query:
            pairs.append(("q", self.query))
        for kind, selection in self.tags:
            name = KINDS[kind].parameter
            pairs += [(name, slug) for slug in selection.wanted]
            pairs += [(f"not_{name}", slug) for slug in selection.unwanted]
            pairs += [(f"{name}_any", 1)] * selection.any_of
            pairs += [(f"{name}_exact", 1)] * selection.exact
        pairs += [("collection", slug) for slug in self.collections]
        pairs += [("language", code) for code in self.languages]
        pairs += [("sort", self.sort)] * bool(self.sort)
        pairs += [("per_page", self.per_page)] * (self.per_page != PER_PAGE[0])
        pairs += [("page", self.page)] * (self.page > 1)
        return pairs

    def url(self, path: str, *more: tuple[str, object]) -> str:
        """The address of this question below *path*, with *more* names and values."""
        pairs = [*self.pairs(), *more]
        return f"{path}?{urlencode(pairs)}" if pairs else path


class _SharedFields(dict[str, forms.Field]):
    """Fields that nobody changes, so that each form need not have copies of its own."""

    def __deepcopy__(self, memo: object) -> dict[str, forms.Field]:
        return dict(self)


@functools.cache
def _form_class() -> type[forms.Form]:
    """The filter's form: django-filter would make its class anew for each request."""
    form: type[forms.Form] = StoryFilter(queryset=Story.objects.none()).get_form_class()
    form.base_fields = _SharedFields(form.base_fields)
    return form


def read(params: QueryDict) -> tuple[Criteria, forms.Form]:
    """The question in *params* and the bound form. What cannot be read is passed over."""
    form = _form_class()(params)
    form.is_valid()
    data = form.cleaned_data
    words = data.get("q") or ""
    tags = []
    for kind, info in KINDS.items():
        name = info.parameter
        selection = Selection(
            wanted=tuple(data.get(name) or ()),
            unwanted=tuple(data.get(f"not_{name}") or ()),
            any_of=bool(data.get(f"{name}_any")),
            exact=bool(data.get(f"{name}_exact")),
        )
        tags.append((kind, selection))
    return (
        Criteria(
            query=words if parse(words) else "",  # signs alone ask for nothing
            tags=tuple(tags),
            collections=tuple(data.get("collection") or ()),
            languages=tuple(data.get("language") or ()),
            sort=data.get("sort") or "",
            page=page_number(params.get("page", "")),
            per_page=int(data.get("per_page") or PER_PAGE[0]),
        ),
        form,
    )


def page_number(text: str) -> int:
    """The page number in *text*; the first page if there is none."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return 1
    return max(1, int(digits[:_PAGE_DIGITS]))
