"""Specimens of the papers that owners would photograph: plainly marked as such, with numbers that belong to nobody."""

from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

SIZE = (1000, 640)
GROUND, INK, EDGE, MARK = "#EEF2FB", "#191B33", "#27409A", "#C9D0F0"


def nik_of(*, village_code: str, born: date, is_woman: bool, serial: int) -> str:
    """A NIK of the right form: region, day of birth (women +40), serial."""
    region = village_code.replace(".", "")[:6]
    day = born.day + (40 if is_woman else 0)
    return f"{region}{day:02d}{born:%m%y}{serial:04d}"


def number_of(kind: str, *, serial: int, year: int) -> str:
    """A number of the right form for this kind of paper, visibly made up."""
    return {
        "nib": f"{serial:013d}",
        "pirt": f"2063573{serial % 100:02d}{serial:04d}-{year % 100 + 5:02d}",
        "halal": f"ID35110{serial:06d}{12:02d}{year % 100:02d}",
        "bpom_md": f"MD 2{serial:011d}",
        "bpom_tr": f"TR {serial:09d}",
        "bpom_na": f"NA {serial:011d}",
    }.get(kind, f"CONTOH-{kind.upper()}-{serial:04d}")


def specimen(*, title: str, lines: list[str]) -> SimpleUploadedFile:
    """A photo of such a paper, as a phone would send it."""
    picture = Image.new("RGB", SIZE, GROUND)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((18, 18, SIZE[0] - 18, SIZE[1] - 18), outline=EDGE, width=6)
    draw.rectangle((18, 18, SIZE[0] - 18, 128), fill=EDGE)
    draw.text((52, 44), title.upper(), fill="white", font=_font(46))
    draw.text((150, 440), "CONTOH", fill=MARK, font=_font(170))
    for number, line in enumerate(lines):
        draw.text((52, 165 + number * 58), line, fill=INK, font=_font(34))
    content = BytesIO()
    picture.save(content, "JPEG", quality=80)
    return SimpleUploadedFile("foto.jpg", content.getvalue(), content_type="image/jpeg")


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
