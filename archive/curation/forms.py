"""Forms of the curators' desk."""

from __future__ import annotations

from typing import Any

from django import forms


class VersionedForm(forms.ModelForm):
    """A form that refuses to write over what somebody else saved in the meantime.

    It carries the version it was opened with. If the row has moved on, nothing is saved, the
    typed text stays in the form, and the next save counts as made in knowledge of the other one.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version if self.instance.pk else None

    def clean(self) -> dict[str, Any]:
        """Compare the versions, with the row locked until the transaction ends.

        Raises:
            forms.ValidationError: somebody saved the row since the form was opened.
        """
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk:
            rows = type(self.instance)._base_manager.select_for_update()
            current = rows.filter(pk=self.instance.pk).values_list("version", flat=True).first()
            if current is not None and cleaned.get("version") != current:
                self.data = self.data.copy()
                self.data[self.add_prefix("version")] = str(current)
                raise forms.ValidationError(
                    "Somebody saved this while you were writing, so it was not saved again. "
                    "What you typed is kept below. Open the page in a second tab to see the other "
                    "version (History shows what changed); saving here now replaces it."
                )
        return cleaned
