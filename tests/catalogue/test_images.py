"""What is done to a photo before it is kept."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from wagtail.images import get_image_model

from marketplace.catalogue.images import (
    LONGEST_SIDE,
    MAX_BYTES,
    MAX_PIXELS,
    RENDITION_TOPIC,
    make_renditions,
    rendition_addresses,
    store_photo,
)
from marketplace.core.exceptions import DomainError
from marketplace.outbox.models import OutboxMessage
from tests.factories.base import UserFactory
from tests.factories.catalogue import photo_bytes, upload

pytestmark = pytest.mark.django_db
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


@pytest.fixture
def actor():
    return UserFactory()


def _opened(image) -> Image.Image:
    with image.file.open("rb") as file:
        picture = Image.open(BytesIO(file.read()))
        picture.load()
        return picture


def _exif(**tags: object) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = tags.get("orientation", 1)
    exif[MAKER] = "Kamera Rahasia"
    exif[GPS] = {1: "S", 2: (7.0, 58.0, 0.0)}
    return exif


def test_photo_from_the_phone_is_turned_upright(actor):
    # 6: the camera was held upright, the sensor lay on its side.
    lying = photo_bytes((640, 480), exif=_exif(orientation=6))
    image = store_photo(file=upload(lying), title="Foto", actor=actor)
    assert (image.width, image.height) == (480, 640)
    picture = _opened(image)
    # What was above lies at the right after a quarter turn.
    assert picture.getpixel((400, 320))[0] > 200
    assert picture.getpixel((60, 320))[2] > 200


def test_metadata_is_stripped(actor):
    image = store_photo(file=upload(photo_bytes(exif=_exif())), title="Foto", actor=actor)
    picture = _opened(image)
    assert not picture.getexif()
    assert "exif" not in picture.info
    with image.file.open("rb") as file:
        assert b"Kamera Rahasia" not in file.read()


def test_large_photo_is_made_small_and_keeps_its_proportions(actor):
    image = store_photo(file=upload(photo_bytes((4000, 3000))), title="Foto", actor=actor)
    assert (image.width, image.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)
    assert image.file_size == image.file.size
    assert image.uploaded_by_user == actor


HEIC = (Path(__file__).parent / "foto.heic").read_bytes()


@pytest.mark.parametrize(
    "name, content, content_type",
    [
        ("a.png", photo_bytes(format="PNG"), "image/png"),
        ("a.webp", photo_bytes(format="WEBP"), "image/webp"),
        ("IMG_1.HEIC", HEIC, "image/heic"),
        ("IMG_2.HEIC", HEIC, "application/octet-stream"),
    ],
    ids=["png", "webp", "heic", "heic that the browser does not know"],
)
def test_other_kinds_of_photos_become_jpeg(actor, name, content, content_type):
    image = store_photo(file=upload(content, name=name, content_type=content_type), title="F", actor=actor)
    picture = _opened(image)
    assert picture.format == "JPEG"
    assert image.file.name.endswith(".jpg")
    assert picture.getpixel((100, 20))[0] > 200


def test_transparency_becomes_white(actor):
    target = BytesIO()
    Image.new("RGBA", (300, 300), (255, 0, 0, 0)).save(target, "PNG")
    image = store_photo(file=upload(target.getvalue(), name="a.png", content_type="image/png"), title="F", actor=actor)
    assert min(_opened(image).getpixel((150, 150))) > 250


def test_photo_of_20_megabytes_gets_a_clear_message_before_it_is_read(actor, settings):
    class Huge:
        name, content_type, size = "foto.jpg", "image/jpeg", 20 * 1024 * 1024

        def read(self, *args):
            raise AssertionError("nobody needs to read it")

        seek = read

    with pytest.raises(DomainError) as refused:
        store_photo(file=Huge(), title="F", actor=actor)
    assert refused.value.code == "photo_too_large"
    assert "20" in str(refused.value)
    assert "15" in str(refused.value)
    assert MAX_BYTES == 15 * 1024 * 1024


LIES = {
    "page named photo": (b"<html><script>alert(1)</script></html>", "foto.jpg", "image/jpeg"),
    "pdf named photo": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0" * 200, "foto.jpg", "image/jpeg"),
    "drawing with script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "foto.png", "image/png"),
    "photo named program": (None, "foto.exe", "image/jpeg"),
    "photo declared as page": (None, "foto.jpg", "text/html"),
    "moving picture": (b"GIF89a" + b"\x00" * 100, "foto.jpg", "image/gif"),
    "nothing": (b"", "foto.jpg", "image/jpeg"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_file_that_lies_about_its_type_is_refused(actor, lie):
    content, name, content_type = lie
    with pytest.raises(DomainError) as refused:
        store_photo(file=upload(content, name=name, content_type=content_type), title="F", actor=actor)
    assert refused.value.code in ("photo_type", "photo_broken")
    assert not get_image_model().objects.exists()


def test_script_behind_a_photo_is_not_kept(actor):
    image = store_photo(file=upload(photo_bytes() + b"<script>alert(1)</script>"), title="F", actor=actor)
    with image.file.open("rb") as file:
        assert b"<script" not in file.read()


def test_picture_bomb_stays_shut(actor):
    # A few kilobytes on the wire, hundreds of megabytes when unpacked.
    target = BytesIO()
    Image.new("1", (9000, 9000)).save(target, "PNG")
    assert MAX_PIXELS < 9000 * 9000
    with pytest.raises(DomainError) as refused:
        store_photo(file=upload(target.getvalue(), name="bom.png", content_type="image/png"), title="F", actor=actor)
    assert refused.value.code == "photo_too_many_pixels"


def test_larger_bomb_that_pillow_itself_refuses(actor):
    target = BytesIO()
    Image.new("1", (20_000, 10_000)).save(target, "PNG")
    with pytest.raises(DomainError) as refused:
        store_photo(file=upload(target.getvalue(), name="bom.png", content_type="image/png"), title="F", actor=actor)
    assert refused.value.code == "photo_too_many_pixels"


def test_cut_off_photo_is_called_damaged(actor):
    with pytest.raises(DomainError) as refused:
        store_photo(file=upload(photo_bytes((1200, 900))[:2000]), title="F", actor=actor)
    assert refused.value.code == "photo_broken"


def test_tiny_picture_is_refused(actor):
    with pytest.raises(DomainError) as refused:
        store_photo(file=upload(photo_bytes((120, 90))), title="F", actor=actor)
    assert refused.value.code == "photo_too_small"


def test_renditions_wait_for_the_worker(actor):
    image = store_photo(file=upload(), title="F", actor=actor)
    assert rendition_addresses([image.pk]) == {}
    message = OutboxMessage.objects.get(topic=RENDITION_TOPIC)
    assert message.payload == {"image_id": image.pk}
    made = make_renditions(image.pk)
    assert sorted(made) == [240, 480, 960]
    assert all(address.endswith(".webp") for address in made.values())
    assert rendition_addresses([image.pk]) == {image.pk: made}


def test_renditions_of_a_lost_photo_are_no_error(db):
    assert make_renditions(987_654) == {}
