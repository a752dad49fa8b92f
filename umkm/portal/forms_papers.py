"""The form of a renewed paper: the registration's own, but whole at once."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from marketplace.reference.models import DocumentKind
from umkm.registration.forms import PaperForm


class RenewalForm(PaperForm):
    """A paper with everything that stands on it.

    Arguments:
        has_file: whether a photo was kept already; then another one is needed only to replace it.
    """

    offers_help = False

    def __init__(
        self, data: Any = None, files: Any = None, *, kind: DocumentKind, has_file: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data, files, kind=kind, **kwargs)
        self.has_file = has_file
        file = self.fields["file"]
        file.label = _("Photo or PDF of the paper")
        file.help_text = _("In good light, all four corners in the picture. At most 10 MB.")
        file.required = not has_file
        file.error_messages["required"] = _("Choose a file, or take a photo.")
        if "number" in self.fields:
            self.fields["number"].error_messages["required"] = _("Write the number as it stands on the paper.")
        if "expires_on" in self.fields:
            self.fields["expires_on"].error_messages["required"] = _("Write the last day on which it holds.")

    def full_clean(self) -> None:
        """Nothing may follow later here."""
        forms.Form.full_clean(self)
