"""Files that people take along: nothing in a table runs, and a PDF carries its face and its words."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from marketplace.core.pdf import Document
from marketplace.core.spreadsheets import csv_bytes, harmless, xlsx_bytes


@pytest.mark.parametrize("text", ["=1+1", "+62", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_what_looks_like_a_formula_stays_a_text(text: str):
    assert harmless(text) == "'" + text
    assert f"'{text}".split("\r")[0] in csv_bytes(["a"], [[text]]).decode("utf-8-sig")


def test_numbers_stay_numbers():
    assert csv_bytes(["a"], [[-5]], has_mark=False) == b"a\r\n-5\r\n"
    sheet = load_workbook(BytesIO(xlsx_bytes(["a", "b"], [[-5, "=1"]]))).active
    assert [cell.value for cell in sheet[2]] == [-5, "'=1"]
    assert sheet["A1"].font.bold


def test_a_document_is_a_pdf_with_its_face_and_what_people_typed():
    document = Document(title="Rekening koran", subtitle="Tempe <b>Sanan</b> & anak", footer="Lapak Ngalam")
    document.heading("Bagian")
    document.paragraph("Baris satu\nbaris dua")
    document.table(["Tanggal", "Jumlah"], [[f"hari {day}", "−Rp15.000"] for day in range(120)], widths=(0.5, 0.5))
    reader = PdfReader(BytesIO(document.render()))
    assert len(reader.pages) > 1
    text = reader.pages[0].extract_text()
    assert "Tempe <b>Sanan</b> & anak" in text
    assert "−Rp15.000" in text
    assert "Tanggal" in reader.pages[1].extract_text(), "headings repeat on each page"
    fonts = reader.pages[0]["/Resources"]["/Font"]
    embedded = [
        "/FontFile2" in font.get_object()["/FontDescriptor"]
        for font in fonts.values()
        if "/FontDescriptor" in font.get_object()
    ]
    assert embedded
    assert all(embedded)
