"""Forms of the curators' desk."""

from __future__ import annotations

from typing import Any

from django import forms

from archive.models import Tagging
from archive.models.tag import name_key


class TaggingForm(forms.ModelForm):
    """A tag of a story; it can be rejected here alone, or its name for the whole archive."""

    never_again = forms.BooleanField(
        required=False,
        label="Never for this name",
        help_text="Rejects the tag, and stops its name from being suggested in any story.",
    )

    def clean(self) -> dict[str, Any]:
        """What is never to be suggested again is rejected here as well."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("never_again"):
            cleaned["state"] = Tagging.State.REJECTED
        return cleaned


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


class VersionedForm(forms.ModelForm):
    """A form that refuses to write over what somebody else saved in the meantime.

    It carries the version it was opened with. If the row has moved on, nothing is saved, the
    typed text stays in the form, and the next save counts as made in knowledge of the other one.
    """

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_version"].initial = self.instance.version if self.instance.pk else None

    def clean(self) -> dict[str, Any]:
        """Compare the versions, with the row locked until the transaction ends.

        Raises:
            forms.ValidationError: somebody saved the row since the form was opened.
        """
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk:
            rows = type(self.instance)._base_manager.select_for_update()
            current = rows.filter(pk=self.instance.pk).values_list("version", flat=True).first()
            if current is not None and cleaned.get("opened_version") != current:
                self.data = self.data.copy()
                self.data[self.add_prefix("opened_version")] = str(current)
                raise forms.ValidationError(
                    "Somebody saved this while you were writing, so it was not saved again. "
                    "What you typed is kept below. Open the page in a second tab to see the other "
                    "version (History shows what changed); saving here now replaces it."
                )
        return cleaned
