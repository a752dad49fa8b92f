"""The papers of an application as tiles: what is there, what is wrong with it, and what can be done."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from marketplace.core.templatetags.ui import file_size
from marketplace.reference.models import DocumentKind
from umkm.registration.files import DARK, SMALL
from umkm.registration.forms import PaperForm
from umkm.registration.models import FieldReturn, LegalDocument, VendorApplication
from umkm.registration.selectors import PaperNeed, paper_problem

DONE, BAD, EMPTY, HELPED = "done", "bad", "empty", "helped"
QUALITY_NOTES = {
    DARK: gettext_lazy("The photo is dark. Take it again near a window, without flash."),
    SMALL: gettext_lazy("The photo is very small. Take it again closer, so that the number can be read."),
}


@dataclass
class PaperTile:
    """One tile.

    Arguments:
        alternatives: the names of the papers of which one is enough; empty when this one is the only way.
        form: the paper's fields; bound when something in them was wrong.
        reason: why the officer returned it, if it was.
    """

    kind: DocumentKind
    form: PaperForm
    is_required: bool
    may_be_missing: bool
    document: LegalDocument | None = None
    wants_assistance: bool = False
    reason: FieldReturn | None = None
    alternatives: str = ""
    can_be_removed: bool = False

    @property
    def name(self) -> str:
        return self.kind.display_name

    @property
    def hint(self) -> str:
        """What the paper is for."""
        is_english = (get_language() or "").startswith("en")
        return self.kind.hint_en if is_english and self.kind.hint_en else self.kind.hint

    @property
    def file_errors(self) -> list[str]:
        """What was wrong with the file that was just sent."""
        if not self.form.is_bound:
            return []
        return [str(error) for error in [*self.form.errors.get("file", []), *self.form.non_field_errors()]]

    @property
    def is_returned(self) -> bool:
        return self.reason is not None and not self.reason.is_resolved

    @property
    def state(self) -> str:
        if self.file_errors or self.is_returned:
            return BAD
        if self.document is not None:
            return BAD if self.document.quality_hint else DONE
        return HELPED if self.wants_assistance else EMPTY

    @property
    def note(self) -> str:
        """What the state means, and the cure."""
        if self.file_errors:
            return " ".join(self.file_errors)
        if self.is_returned and self.reason is not None:
            return self.reason.reason
        if self.document is not None:
            hint = QUALITY_NOTES.get(self.document.quality_hint)
            return str(hint) if hint else self._what_is_there(self.document)
        if self.wants_assistance:
            return _("We help you get it. An assistant contacts you once you have submitted.")
        return self.hint

    def _what_is_there(self, document: LegalDocument) -> str:
        problem = paper_problem(document, self.kind)
        saved = _("Saved, %(type)s %(size)s.") % {
            "type": "PDF" if document.is_pdf else _("photo"),
            "size": file_size(document.size),
        }
        return f"{saved} {problem}".strip()

    @property
    def icon_name(self) -> str:
        if self.document is not None:
            return "file-pdf"
        if self.wants_assistance:
            return "handshake"
        return "identification-card" if self.kind.is_identity else "certificate"


def paper_tiles(
    application: VendorApplication, needs: list[PaperNeed], forms: Mapping[str, PaperForm] | None = None
) -> list[PaperTile]:
    """A tile for each paper; alternatives each have their own until one of them is there.

    Arguments:
        forms: bound forms by kind, for tiles whose input is shown again.
    """
    tiles = []
    for need in needs:
        is_open_choice = need.document is None and len(need.kinds) > 1
        names = _(" or ").join(kind.display_name for kind in need.kinds) if is_open_choice else ""
        for kind in need.kinds if is_open_choice else [need.kind]:
            tiles.append(_tile(application, need, kind, names, (forms or {}).get(kind.slug)))
    return tiles


def _tile(
    application: VendorApplication, need: PaperNeed, kind: DocumentKind, alternatives: str, form: PaperForm | None
) -> PaperTile:
    document = need.document
    return PaperTile(
        kind=kind,
        form=form or paper_form(kind, document),
        is_required=need.is_required,
        may_be_missing=need.may_be_missing,
        document=document,
        wants_assistance=need.wants_assistance,
        reason=need.reason if need.reason and need.reason.document_kind == kind.slug else None,
        alternatives=alternatives,
        can_be_removed=document is not None and document.round > application.round,
    )


def paper_form(
    kind: DocumentKind, document: LegalDocument | None, data: object = None, files: object = None
) -> PaperForm:
    """The form of a paper, filled with what is known of it."""
    initial = {}
    if document is not None:
        initial = {
            "number": document.number,
            "issued_on": document.issued_on,
            "expires_on": document.expires_on,
        }
    return PaperForm(data, files, kind=kind, initial=initial)
