"""Uploads by their content: what is refused, with what words, and what is kept."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from marketplace.core.exceptions import DomainError
from tests.factories.registration import pdf, photo, photo_bytes
from umkm.registration import files
from umkm.registration.files import check_upload, preview_of


def refused(file: SimpleUploadedFile) -> DomainError:
    with pytest.raises(DomainError) as caught:
        check_upload(file)
    assert caught.value.field == "file"
    return caught.value


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_photo_is_kept_as_plain_jpeg():
    checked = check_upload(photo())
    assert checked.content_type == "image/jpeg"
    assert (checked.width, checked.height) == (900, 700)
    assert opened(checked.content).format == "JPEG"
    assert len(checked.sha256) == 64


def test_a_photo_taken_sideways_is_turned_upright_and_loses_its_metadata():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera rahasia"
    checked = check_upload(photo(exif=exif.tobytes()))
    picture = opened(checked.content)
    assert picture.size == (700, 900)
    assert not picture.getexif()
    assert b"Kamera rahasia" not in checked.content


def test_a_large_photo_is_made_smaller():
    checked = check_upload(photo(size=(4000, 3000)))
    assert (checked.width, checked.height) == (2400, 1800)


@pytest.mark.parametrize("form, name", [("PNG", "ktp.png"), ("WEBP", "ktp.webp"), ("PNG", "ktp.jpg")])
def test_other_kinds_of_photo_are_fine(form: str, name: str):
    assert check_upload(photo(name, form=form)).content_type == "image/jpeg"


def test_the_photo_of_an_iphone_is_fine():
    sample = Path(__file__).parent.parent / "catalogue" / "foto.heic"
    assert check_upload(SimpleUploadedFile("IMG_1.HEIC", sample.read_bytes())).content_type == "image/jpeg"


def test_transparent_parts_become_white():
    output = io.BytesIO()
    Image.new("RGBA", (700, 700), (0, 0, 0, 0)).save(output, "PNG")
    checked = check_upload(SimpleUploadedFile("ktp.png", output.getvalue()))
    assert opened(checked.content).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "options, hint", [({"colour": "#101010"}, files.DARK), ({"size": (300, 200)}, files.SMALL), ({}, "")]
)
def test_dark_and_small_photos_get_a_hint_not_a_refusal(options: dict, hint: str):
    assert check_upload(photo(**options)).quality_hint == hint


def test_twenty_megabytes_are_refused_with_the_size_and_the_cure():
    error = refused(SimpleUploadedFile("ktp.jpg", photo_bytes() + b"\0" * (20 * 1024 * 1024)))
    assert error.code == "file.too_big"
    assert "20 MB" in str(error.message)
    assert "10 MB" in str(error.message)


def test_an_empty_file_is_refused():
    assert refused(SimpleUploadedFile("ktp.jpg", b"")).code == "file.empty"


@pytest.mark.parametrize(
    "name, content",
    [
        ("ktp.jpg", b"MZ\x90\x00" + b"\0" * 500),
        ("ktp.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("ktp.jpg", b"<html><script>alert(1)</script></html>"),
        ("ktp.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 100),
        ("ktp.gif", b"GIF89a" + b"\0" * 100),
        ("ktp.docx", b"PK\x03\x04" + b"\0" * 100),
    ],
)
def test_what_is_no_photo_is_refused_whatever_its_name(name: str, content: bytes):
    assert refused(SimpleUploadedFile(name, content, "image/jpeg")).code == "file.not_a_photo"


def test_a_cut_off_photo_is_refused():
    assert refused(SimpleUploadedFile("ktp.jpg", photo_bytes()[:1500])).code == "file.not_a_photo"


def test_a_photo_that_calls_itself_pdf_is_refused():
    assert refused(SimpleUploadedFile("nib.pdf", photo_bytes(), "application/pdf")).code == "file.lies"


def test_a_pdf_that_calls_itself_photo_is_refused():
    assert refused(SimpleUploadedFile("nib.jpg", pdf().read(), "image/jpeg")).code == "file.lies"


def test_a_decompression_bomb_is_refused():
    output = io.BytesIO()
    Image.new("1", (9000, 9000)).save(output, "PNG")
    assert len(output.getvalue()) < 100_000
    assert refused(SimpleUploadedFile("ktp.png", output.getvalue())).code == "file.too_many_pixels"


def test_a_pdf_is_kept_as_it_is():
    file = pdf()
    content = file.read()
    checked = check_upload(file)
    assert checked.content == content
    assert checked.content_type == "application/pdf"
    assert checked.width is None


@pytest.mark.parametrize(
    "file, code",
    [
        (pdf(password="rahasia"), "file.locked"),
        (pdf(pages=21), "file.too_many_pages"),
        (pdf(script="app.alert(1)"), "file.active"),
        (SimpleUploadedFile("nib.pdf", b"%PDF-1.7\n" + b"rusak" * 200), "file.damaged"),
    ],
)
def test_pdfs_that_cannot_be_shown_safely_are_refused(file: SimpleUploadedFile, code: str):
    assert refused(file).code == code


def test_a_preview_is_small_and_square():
    preview = opened(preview_of(io.BytesIO(photo_bytes(size=(1200, 800)))))
    assert preview.size == (216, 216)
