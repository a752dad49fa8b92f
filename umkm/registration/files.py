"""What an uploaded paper really is: its content decides, not its name. Photos are made upright, small and plain."""

import hashlib
import io
from dataclasses import dataclass
from typing import IO, Any

import pi_heif
import pypdf
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageStat
from pypdf.errors import PyPdfError

from marketplace.core.exceptions import DomainError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_PDF_PAGES = 20
# The longest side that is kept: small print on an A4 sheet is still readable.
KEPT_SIDE = 2400
SMALL_SIDE = 600
# Mean brightness (0–255) under which a paper can hardly be read.
DARK_BELOW = 55
PREVIEW_SIDE = 216
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
# The endings that people's files have, by what the content must then be.
IMAGE_ENDINGS = ("jpg", "jpeg", "jfif", "png", "webp", "heic", "heif")
ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,application/pdf"
DARK, SMALL = "dark", "small"
ACTIVE_PDF_ACTIONS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR")

pi_heif.register_heif_opener()


@dataclass(frozen=True)
class CheckedFile:
    """A file whose content was looked at. `content` is what will be stored: photos re-encoded without metadata."""

    content: bytes
    content_type: str
    width: int | None = None
    height: int | None = None
    quality_hint: str = ""

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def as_file(self) -> ContentFile:
        return ContentFile(self.content, name="paper")


def check_upload(file: Any) -> CheckedFile:
    """Look at an uploaded file and return what may be stored.

    Raises DomainError (field `file`) with what is wrong and the cure: too big, empty, neither photo nor PDF, a name
    that says something else than the content, damaged, locked with a password, or a PDF that wants to run something.
    """
    if file.size > MAX_BYTES:
        raise _refusal(
            "too_big",
            _("This file has %(size)s MB; 10 MB is the most. Crop the photo, or take it with a smaller setting.")
            % {"size": round(file.size / 1024 / 1024)},
        )
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    if not data:
        raise _refusal("empty", _("The file is empty. Take the photo again, or choose another file."))
    ending = str(file.name or "").rpartition(".")[2].lower()
    is_pdf = b"%PDF-" in data[:1024]
    if is_pdf and ending in IMAGE_ENDINGS:
        raise _refusal(
            "lies",
            _("The name says photo (.%(ending)s), but it is a PDF. Rename it to .pdf, then choose it again.")
            % {"ending": ending},
        )
    if is_pdf:
        return _checked_pdf(data)
    if ending == "pdf":
        raise _refusal(
            "lies", _("The name says PDF, but the content is something else. Choose the real PDF, or a photo.")
        )
    return _checked_photo(data)


def _refusal(code: str, message: str) -> DomainError:
    return DomainError(message, code=f"file.{code}", field="file")


def _checked_photo(data: bytes) -> CheckedFile:
    unreadable = _refusal(
        "not_a_photo", _("This is not a photo or PDF that we can read. Take a photo, or choose a JPG, PNG or PDF.")
    )
    try:
        with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _refusal(
                    "too_many_pixels", _("This photo is far too large. Take it again with the normal camera setting.")
                )
            picture.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
            plain = _on_white(upright)
    except (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError) as error:
        raise unreadable from error
    output = io.BytesIO()
    plain.save(output, "JPEG", quality=88, optimize=True)
    return CheckedFile(
        content=output.getvalue(),
        content_type="image/jpeg",
        width=plain.width,
        height=plain.height,
        quality_hint=_quality_hint(plain),
    )


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency and without metadata."""
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    plain = picture.convert("RGB")
    plain.info = {}
    return plain


def _quality_hint(picture: Image.Image) -> str:
    sample = picture.convert("L")
    sample.thumbnail((200, 200))
    if ImageStat.Stat(sample).mean[0] < DARK_BELOW:
        return DARK
    return SMALL if max(picture.size) < SMALL_SIDE else ""


def _checked_pdf(data: bytes) -> CheckedFile:
    damaged = _refusal(
        "damaged", _("This PDF is damaged. Open it yourself, save it again, or take a photo of the paper.")
    )
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise _refusal("locked", _("This PDF has a password. Save it without one, or take a photo of the paper."))
        pages = len(reader.pages)
        is_active = _runs_something(reader)
    except DomainError:
        raise
    # pypdf's parser answers broken input with many kinds of errors.
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise damaged from error
    if not 1 <= pages <= MAX_PDF_PAGES:
        raise _refusal(
            "too_many_pages",
            _("This PDF has %(pages)s pages, %(most)s is the most. Send only the pages of this paper.")
            % {"pages": pages, "most": MAX_PDF_PAGES},
        )
    if is_active:
        raise _refusal("active", _("This PDF carries a program. Print it to a new PDF, or take a photo of the paper."))
    return CheckedFile(content=data, content_type="application/pdf")


def _runs_something(reader: pypdf.PdfReader) -> bool:
    """Whether the PDF does something by itself when opened, or carries scripts or other files."""
    catalog = reader.root_object
    names = catalog.get("/Names")
    names = names.get_object() if names is not None else {}
    opening = catalog.get("/OpenAction")
    opening = opening.get_object() if opening is not None else None
    opens_with = opening.get("/S", "") if isinstance(opening, dict) else ""
    return "/JavaScript" in names or "/EmbeddedFiles" in names or "/AA" in catalog or opens_with in ACTIVE_PDF_ACTIONS


def preview_of(file: IO[bytes]) -> bytes:
    """A small JPEG of a stored photo, for its tile."""
    with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as picture:
        picture.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))
        small = ImageOps.fit(picture.convert("RGB"), (PREVIEW_SIDE, PREVIEW_SIDE))
    output = io.BytesIO()
    small.save(output, "JPEG", quality=80)
    return output.getvalue()
