"""Documents as PDF: headings, paragraphs and tables on A4, in the site's own face, which lies in the file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

FONTS = Path(__file__).resolve().parent / "pdf_fonts"
REGULAR, BOLD = "Figtree", "Figtree-Bold"
INK, SECOND, LINE = colors.HexColor("#191B33"), colors.HexColor("#55566B"), colors.HexColor("#E3DCD1")
MARGIN = 18 * mm


@dataclass
class Document:
    """What a document says, top to bottom. Texts are plain: whatever people typed cannot become markup."""

    title: str
    subtitle: str = ""
    footer: str = ""
    _flow: list[Flowable] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """A heading."""
        self._flow.append(Paragraph(escape(text), _styles()["heading"]))

    def paragraph(self, text: str, *, is_small: bool = False) -> None:
        """A paragraph; line breaks stay."""
        style = _styles()["small" if is_small else "body"]
        self._flow.append(Paragraph(escape(text).replace("\n", "<br/>"), style))

    def space(self) -> None:
        """A little room."""
        self._flow.append(Spacer(1, 4 * mm))

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[float],
        numbers: Sequence[int] = (),
        strong_rows: Sequence[int] = (),
    ) -> None:
        """A table whose headings repeat on each page.

        Arguments:
            widths: shares of the width of the page, adding up to 1.
            numbers: the columns that stand to the right.
            strong_rows: rows in bold; negative counts from the end.
        """
        styles = _styles()
        strong = {index % len(rows) for index in strong_rows} if rows else set()

        def cell(text: str, column: int, *, is_bold: bool) -> Paragraph:
            name = ("bold" if is_bold else "cell") + ("-number" if column in numbers else "")
            return Paragraph(escape(text), styles[name])

        width = A4[0] - 2 * MARGIN
        content = [[cell(text, index, is_bold=True) for index, text in enumerate(columns)]]
        for position, row in enumerate(rows):
            content.append([cell(text, index, is_bold=position in strong) for index, text in enumerate(row)])
        table = Table(content, colWidths=[width * share for share in widths], repeatRows=1)
        table.setStyle(
            TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                    ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
                    ("LEFTPADDING", (0, 0), (0, -1), 0),
                    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                    ("TOPPADDING", (0, 0), (-1, -1), 3),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ]
            )
        )
        self._flow.append(table)

    def render(self) -> bytes:
        """The file."""
        _styles()
        output = BytesIO()
        language = "en" if (get_language() or "id").startswith("en") else "id"
        template = BaseDocTemplate(
            output,
            pagesize=A4,
            title=self.title,
            author=self.footer,
            lang=language,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=22 * mm,
            # The face is embedded; nothing else is needed to read it in twenty years.
            initialFontName=REGULAR,
        )
        frame = Frame(MARGIN, 22 * mm, A4[0] - 2 * MARGIN, A4[1] - MARGIN - 22 * mm, 0, 0, 0, 0)
        page_word = _("Page")
        footer = self.footer

        def below(canvas: Canvas, document: BaseDocTemplate) -> None:
            canvas.setFont(REGULAR, 8)
            canvas.setFillColor(SECOND)
            canvas.drawString(MARGIN, 12 * mm, footer)
            canvas.drawRightString(A4[0] - MARGIN, 12 * mm, f"{page_word} {document.page}")

        template.addPageTemplates(PageTemplate(frames=[frame], onPage=below))
        head: list[Flowable] = [Paragraph(escape(self.title), _styles()["title"])]
        if self.subtitle:
            head.append(Paragraph(escape(self.subtitle).replace("\n", "<br/>"), _styles()["subtitle"]))
        template.build([*head, *self._flow])
        return output.getvalue()


@cache
def _styles() -> dict[str, ParagraphStyle]:
    pdfmetrics.registerFont(TTFont(REGULAR, FONTS / "Figtree-Regular.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, FONTS / "Figtree-Bold.ttf"))
    body = ParagraphStyle("body", fontName=REGULAR, fontSize=10, leading=14, textColor=INK, spaceAfter=4)
    cell = ParagraphStyle("cell", parent=body, fontSize=9, leading=12, spaceAfter=0)
    bold = ParagraphStyle("bold", parent=cell, fontName=BOLD)
    return {
        "title": ParagraphStyle("title", parent=body, fontName=BOLD, fontSize=20, leading=25, spaceAfter=2),
        "subtitle": ParagraphStyle("subtitle", parent=body, textColor=SECOND, spaceAfter=12),
        "heading": ParagraphStyle(
            "heading", parent=body, fontName=BOLD, fontSize=12, leading=16, spaceBefore=10, keepWithNext=1
        ),
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=8.5, leading=12, textColor=SECOND),
        "cell": cell,
        "cell-number": ParagraphStyle("cell-number", parent=cell, alignment=TA_RIGHT),
        "bold": bold,
        "bold-number": ParagraphStyle("bold-number", parent=bold, alignment=TA_RIGHT),
    }
