"""The two side panels of a case: its papers and the colleagues' notes."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.side_panels import BaseSidePanel

from umkm.verification import checks, numbers
from umkm.verification.forms import NoteForm
from umkm.verification.selectors import CaseFile, Paper


class LetterToggle(BaseSidePanel.SidePanelToggle):
    """Wagtail binds a panel's shortcut globally: a plain letter would fire while typing in a field."""

    template_name = "verification/side/toggle.html"


class PapersPanel(BaseSidePanel):
    """One paper at a time: number and dates above the scan, both rounds side by side where it was replaced."""

    class SidePanelToggle(LetterToggle):
        aria_label = _("Documents")
        icon_name = "doc-full-inverse"
        has_counter = False
        keyboard_shortcut = "d"

    name = "papers"
    title = _("Documents")
    template_name = "verification/side/papers.html"
    order = 100

    def __init__(self, case: CaseFile, request: Any, region_code: str) -> None:
        super().__init__(case.application, request)
        self.case = case
        self.region_code = region_code

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        context = super().get_context_data(parent_context)
        current = self.current
        context.update(
            papers=self.case.papers,
            current=current,
            # Both files are opened (and logged) only when the officer asks for the comparison.
            is_comparing=bool(current and current.before and "banding" in self.request.GET),
        )
        if current:
            identity = current.kind.is_identity
            number = current.current.number
            context["number"] = checks.shown("nik", number) if identity else number
            context["hints"] = numbers.hints_for(current.kind.slug, number, region_code=self.region_code)
            sources = checks.DOCUMENT_SOURCES.get(current.kind.slug, ())
            context["register"] = settings.VERIFICATION_REGISTERS.get(sources[0].value, "") if sources else ""
        return context

    @property
    def current(self) -> Paper | None:
        wanted = self.request.GET.get("dok", "")
        papers = self.case.papers
        return next((paper for paper in papers if paper.kind.slug == wanted), papers[0] if papers else None)


class NotesPanel(BaseSidePanel):
    """What colleagues remarked; the applicant never sees it."""

    class SidePanelToggle(LetterToggle):
        aria_label = _("Internal notes")
        icon_name = "comment"
        keyboard_shortcut = "c"

        def get_context_data(self, parent_context: Any) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "count": len(self.panel.case.notes)}

    name = "notes"
    title = _("Internal notes")
    template_name = "verification/side/notes.html"
    order = 200

    def __init__(self, case: CaseFile, request: Any, note_form: NoteForm) -> None:
        super().__init__(case.application, request)
        self.case = case
        self.note_form = note_form

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(parent_context),
            "notes": self.case.notes,
            "note_form": self.note_form,
            "csrf_token": parent_context.get("csrf_token"),
        }
