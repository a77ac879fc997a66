"""Forms of the curators' desk."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from reversion.models import Version

from archive.curation.comparing import Row, compare
from archive.curation.resuming import RESUMED
from archive.curation.typing import resolve
from archive.models import Kind, Tag, Tagging
from archive.models.tag import NAME_LENGTH, name_key

#: Newest versions among which the one is looked for that a form was opened with.
VERSIONS_SEARCHED = 20


class TaggingForm(forms.ModelForm):
    """A tag of a story, typed by kind and name; kept, confirmed or rejected.

    It can be rejected here alone, or its name for the whole archive. A name that is typed on a tag
    that is there already puts another in its place.
    """

    tag = forms.ModelChoiceField(Tag.objects.all(), required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=Kind.choices, required=False, label=_("Kind"))
    typed = forms.CharField(max_length=NAME_LENGTH, required=False, label=_("Name"))
    opened_state = forms.CharField(required=False, widget=forms.HiddenInput)
    never_again = forms.BooleanField(required=False, label=_("Never suggest this name again"))

    #: The tags that the writer may learn of; None for all. The page sets it.
    seen: QuerySet[Tag] | None = None
    #: The tag that another one takes the place of.
    exchanged: Tag | None = None
    #: A tag that is not there yet.
    new_tag: Tag | None = None

    class Meta:
        widgets: ClassVar = {"state": forms.RadioSelect}
        labels: ClassVar = {"state": _("State"), "role": _("Role")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.seen is not None:
            self.fields["tag"].queryset = self.seen  # type: ignore[attr-defined]
        there = bool(self.instance.pk)
        self.fields["opened_state"].initial = self.instance.state if there else ""
        if there:
            self.fields["kind"].initial = self.instance.tag.kind
        else:
            self.fields["state"].initial = Tagging.State.CONFIRMED
            self.fields["state"].required = self.fields["role"].required = False

    def has_changed(self) -> bool:
        """A new row counts only when a tag is named in it."""
        if self.instance.pk or not self.is_bound:
            return super().has_changed()
        names = (self.add_prefix("tag"), self.add_prefix("typed"))
        return any(str(self.data.get(name) or "").strip() for name in names)

    def clean(self) -> dict[str, Any]:
        """Find the tag that was typed, and follow what somebody else decided meanwhile.

        Raises:
            forms.ValidationError: the name is not one tag's alone.
        """
        cleaned = super().clean() or self.cleaned_data
        cleaned["state"] = cleaned.get("state") or Tagging.State.CONFIRMED
        cleaned["role"] = cleaned.get("role") or Tagging.Role.MENTIONED
        if cleaned.get("never_again"):
            cleaned["state"] = Tagging.State.REJECTED
        elif self.instance.pk and cleaned.get("state") == cleaned.get("opened_state"):
            # Not touched here: what is in the database by now stays.
            cleaned["state"] = self.initial["state"]
        if cleaned.get("typed", "").strip():
            self._take(cleaned, self._resolved(cleaned))
        elif not cleaned.get("tag") and self.instance.pk:
            cleaned["tag"] = self.instance.tag
        if self.instance.pk and cleaned.get("tag") != self.instance.tag:
            self.exchanged = self.instance.tag
        return cleaned

    def _resolved(self, cleaned: dict[str, Any]) -> Tag:
        return resolve(cleaned.get("kind") or Kind.PERSON, cleaned["typed"], self.seen)

    def _take(self, cleaned: dict[str, Any], tag: Tag) -> None:
        if tag.pk:
            cleaned["tag"] = tag
        else:
            self.new_tag = tag
            cleaned["tag"] = None


class TaggingFormSet(forms.BaseInlineFormSet):
    """The tags of a story, sent from a form that may be older than the tags.

    Between opening and saving, a suggestion may have gone. What was decided about it is kept as a
    new row; what was not touched is forgotten.
    """

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        if data is not None:
            self.data = self._without_gone(data)

    def clean(self) -> None:
        """Two rows that name the same new tag would be one tag twice.

        Raises:
            forms.ValidationError: they do.
        """
        super().clean()
        seen: set[tuple[str, str, str]] = set()
        for form in self.forms:
            if form.new_tag is None:
                continue
            form.new_tag.set_keys()
            key = (form.new_tag.kind, form.new_tag.name_key, form.new_tag.disambiguation_key)
            if key in seen:
                raise forms.ValidationError(_("“%s” is there twice.") % form.new_tag)
            seen.add(key)

    def _without_gone(self, data: Any) -> Any:
        """*data* with rows whose tagging is gone moved behind those that are there."""
        try:
            initial, total = (
                min(int(data[f"{self.prefix}-{name}_FORMS"]), self.absolute_max)
                for name in ("INITIAL", "TOTAL")
            )
        except (KeyError, ValueError):
            return data
        there = {str(pk) for pk in self.get_queryset().values_list("pk", flat=True)}
        rows: list[dict[str, str]] = [{} for _number in range(total)]
        others = {}
        for key, value in data.items():
            number, _dash, name = key.removeprefix(f"{self.prefix}-").partition("-")
            if number.isdecimal() and int(number) < total and key != number:
                rows[int(number)][name] = value
            else:
                others[key] = value
        kept = [row for row in rows[:initial] if row.get("id") in there]
        if len(kept) == min(initial, total):
            return data
        gone = [
            {**row, "id": "", "opened_state": ""}
            for row in rows[:initial]
            if row.get("id") not in there
            and (row.get("state") != row.get("opened_state") or row.get("typed"))
        ]
        everything = [*kept, *gone, *rows[initial:]]
        others[f"{self.prefix}-INITIAL_FORMS"] = str(len(kept))
        others[f"{self.prefix}-TOTAL_FORMS"] = str(len(everything))
        fresh = data.copy()
        fresh.clear()
        fresh.update(others)
        for number, row in enumerate(everything):
            fresh.update({f"{self.prefix}-{number}-{name}": value for name, value in row.items()})
        return fresh


class OtherNameFormSet(forms.BaseInlineFormSet):
    """Other names that are given together must differ by more than case, spaces and accents."""

    def clean(self) -> None:
        """Compare the names with one another; each alone was compared with the database.

        Raises:
            forms.ValidationError: a name is there twice.
        """
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            if not form.cleaned_data.get("name") or form.cleaned_data.get("DELETE"):
                continue
            key = name_key(form.cleaned_data["name"])
            if key in seen:
                name = form.cleaned_data["name"]
                raise forms.ValidationError(f"“{name}” is there twice. Take one of them away.")
            seen.add(key)


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed: theirs, mine, and what differs between them."""

    name: str
    label: str
    rows: tuple[Row, ...]
    prefer_theirs: bool


class VersionedForm(forms.ModelForm):
    """A form that refuses to write over what somebody else saved in the meantime.

    It carries the version it was opened with. If the row has moved on, nothing is saved, the
    typed text stays in the form, and both texts are shown for each field that differs. The next
    save carries a choice for each of them (``keep-FIELD``: theirs or mine).
    """

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts: tuple[Conflict, ...] = ()
        self.fields["opened_version"].initial = self.instance.version if self.instance.pk else None
        if self.is_bound and self.instance.pk:
            self._take_theirs()

    def _take_theirs(self) -> None:
        """Put what is in the database in the place of what was typed, where that was chosen."""
        chosen = [
            name
            for name in self.fields
            if self.data.get(f"keep-{name}") == "theirs" and name in self.initial
        ]
        if not chosen:
            return
        self.data = self.data.copy()
        for name in chosen:
            html_name, widget = self.add_prefix(name), self.fields[name].widget
            value = self.fields[name].prepare_value(self.initial[name])
            if isinstance(widget, forms.MultiWidget):
                for number, part in enumerate(widget.decompress(value)):
                    self.data[f"{html_name}_{number}"] = "" if part is None else str(part)
            elif isinstance(widget, forms.CheckboxInput) and not value:
                self.data.pop(html_name, None)
            else:
                self.data[html_name] = "" if value is None else str(value)

    def clean(self) -> dict[str, Any]:
        """Compare the versions, with the row locked until the transaction ends.

        Raises:
            forms.ValidationError: somebody saved the row since the form was opened, or the form
                comes back after its writer was signed out.
        """
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk:
            rows = type(self.instance)._base_manager.select_for_update()
            current = rows.filter(pk=self.instance.pk).values_list("version", flat=True).first()
            if current is not None and cleaned.get("opened_version") != current:
                self.instance.refresh_from_db()
                self.conflicts = tuple(self._conflicts(cleaned))
                self.data = self.data.copy()
                self.data[self.add_prefix("opened_version")] = str(current)
                raise forms.ValidationError(self._refusal())
        if RESUMED in self.data:
            raise forms.ValidationError(
                _("You had been signed out, so nothing is saved yet. Your text is below: save it.")
            )
        return cleaned

    def _refusal(self) -> str:
        """Who was first, and what to do now."""
        last = self._versions().select_related("revision__user").first()
        who = last.revision.user if last is not None else None
        return _(
            "%(who)s saved this while you were writing, so it was not saved again. What you typed "
            "is kept below. Choose between the two texts and save once more."
        ) % {"who": who or _("Somebody")}

    def _versions(self) -> Any:
        return Version.objects.get_for_object(self.instance)

    def _conflicts(self, cleaned: dict[str, Any]) -> Iterator[Conflict]:
        """The fields in which the typed text is not what is in the database now.

        Where only one of the two changed a field since the form was opened, that one is chosen
        already: ours stays in the form, theirs is offered first.
        """
        opened = self._opened_with(cleaned.get("opened_version"))
        for name, field in self.fields.items():
            if name not in self.initial or name not in cleaned or field.widget.is_hidden:
                continue
            model_field = self.instance._meta.get_field(name)
            theirs, mine = getattr(self.instance, model_field.attname), cleaned[name]
            mine = getattr(mine, "pk", mine)
            if _plain(theirs) == _plain(mine):
                continue
            base = opened.get(model_field.attname, theirs) if opened else None
            if opened and _plain(base) == _plain(theirs):
                continue
            yield Conflict(
                name=name,
                label=str(field.label or name),
                rows=compare(self._shown(name, theirs), self._shown(name, mine)),
                prefer_theirs=bool(opened) and _plain(base) == _plain(mine),
            )

    def _opened_with(self, version: int | None) -> dict[str, Any]:
        """What the row held when the form was opened; nothing if no such version was kept."""
        for kept in self._versions()[:VERSIONS_SEARCHED]:
            if kept.field_dict.get("version") == version:
                return kept.field_dict  # type: ignore[no-any-return]
        return {}

    def _shown(self, name: str, value: Any) -> str:
        """A field's value for the eye."""
        field = self.instance._meta.get_field(name)
        if field.is_relation and value:
            row = field.related_model._base_manager.filter(pk=value).first()
            return str(row or value)
        return _plain(value)


def _plain(value: Any) -> str:
    """A value as text, by which it is compared: lines end in one way, nothing is the empty text."""
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
