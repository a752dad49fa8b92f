"""Photos that vendors upload: checked by what they hold, turned upright, made small, freed of metadata, stored.

Renditions are made by the worker (topic "catalogue.renditions"), never while a page is rendered.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any
from uuid import uuid4

import pi_heif
from django.core.files.base import ContentFile, File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError
from wagtail.images import get_image_model
from wagtail.models import Collection

from marketplace.core.exceptions import DomainError
from marketplace.outbox.services import enqueue

# iPhones take photos as HEIC unless told otherwise.
pi_heif.register_heif_opener()

RENDITION_TOPIC = "catalogue.renditions"
# Cards are square (240, 480); the product page shows the whole picture (960).
RENDITION_SPECS = {
    240: "fill-240x240|format-webp|webpquality-78",
    480: "fill-480x480|format-webp|webpquality-78",
    960: "max-960x960|format-webp|webpquality-80",
}
MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 64_000_000
MIN_SIDE = 200
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
EXTENSIONS = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".heic", ".heif")
# What a file input offers. `image/*` would offer drawings and raw files too.
ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif"
COLLECTION = "Foto toko"
WHITE = (255, 255, 255)


def store_photo(*, file: File, title: str, actor: Any, alt: str = "") -> Any:
    """Check an uploaded photo and keep it as a Wagtail image: upright, at most 1600 px, JPEG, without metadata.

    Arguments:
        file: what was uploaded; its name and its declared type are checked against what it holds.
        title: how it is called among the site's images.
        alt: what the picture shows.

    Raises DomainError (codes photo_too_large, photo_type, photo_broken, photo_too_many_pixels, photo_too_small), whose
    message tells the owner what to do. Renditions follow through the outbox.
    """
    content, width, height = prepare_photo(file)
    return keep_photo(content=content, width=width, height=height, title=title, actor=actor, alt=alt)


def keep_photo(*, content: bytes, width: int, height: int, title: str, actor: Any, alt: str = "") -> Any:
    """Keep a prepared photo (prepare_photo) as a Wagtail image; its renditions follow through the outbox."""
    image_model = get_image_model()
    image = image_model(
        title=title[:255] or _("Photo"),
        description=alt[:255],
        file=ContentFile(content, name=f"{uuid4().hex}.jpg"),
        width=width,
        height=height,
        uploaded_by_user=actor,
        collection=_photo_collection(),
    )
    image._set_image_file_metadata()
    image.save()
    enqueue(topic=RENDITION_TOPIC, key=str(image.pk), payload={"image_id": image.pk})
    return image


def prepare_photo(file: File) -> tuple[bytes, int, int]:
    """The checked photo as upright JPEG without metadata, with its width and height. See store_photo()."""
    name = (file.name or "").lower()
    size = file.size or 0
    if size > MAX_BYTES:
        raise DomainError(
            _("This photo is too large: %(size)s. At most %(limit)s. Choose a smaller size in the camera's settings.")
            % {"size": filesizeformat(size), "limit": filesizeformat(MAX_BYTES)},
            code="photo_too_large",
        )
    if not name.endswith(EXTENSIONS) or not _declares_image(file):
        raise _not_a_photo()
    picture = _decode(file)
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Pillow.Resampling.LANCZOS)
    plain = _flatten(_to_srgb(upright))
    target = BytesIO()
    # Pixels only: neither EXIF (where the photo was taken) nor profiles nor comments are written.
    plain.save(target, "JPEG", quality=86, optimize=True, progressive=True)
    return target.getvalue(), plain.width, plain.height


def _declares_image(file: File) -> bool:
    """A browser that says nothing, or that it does not know, is no lie."""
    declared = getattr(file, "content_type", "") or ""
    return declared.startswith("image/") or declared in ("", "application/octet-stream")


def _not_a_photo() -> DomainError:
    return DomainError(_("This file isn't a photo. Choose a JPG, PNG, WebP or HEIC."), code="photo_type")


def _decode(file: File) -> Pillow.Image:
    file.seek(0)
    try:
        picture = Pillow.open(file, formats=FORMATS)
        # The header tells the size before anything is unpacked: a picture bomb stays shut.
        if picture.width * picture.height > MAX_PIXELS:
            raise DomainError(
                _("This photo has too many pixels: %(width)s × %(height)s. Choose a smaller size in the camera.")
                % {"width": picture.width, "height": picture.height},
                code="photo_too_many_pixels",
            )
        if min(picture.size) < MIN_SIDE:
            raise DomainError(
                _("This photo is too small: %(width)s × %(height)s. Each side needs at least %(least)s pixels.")
                % {"width": picture.width, "height": picture.height, "least": MIN_SIDE},
                code="photo_too_small",
            )
        # JPEG can be unpacked at a fraction of its size, which spares memory with large photos.
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
    except UnidentifiedImageError as error:
        raise _not_a_photo() from error
    except Pillow.DecompressionBombError as error:
        raise DomainError(
            _("This photo has too many pixels. Choose a smaller size in the camera."),
            code="photo_too_many_pixels",
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise DomainError(
            _("This photo is damaged. Take it again, or choose another one."), code="photo_broken"
        ) from error
    return picture


def _to_srgb(picture: Pillow.Image) -> Pillow.Image:
    """Phones with wide colours would look dull once the profile is gone, so the colours are converted."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        # A broken profile is no reason to refuse the photo.
        return picture
    return converted or picture


def _flatten(picture: Pillow.Image) -> Pillow.Image:
    """Onto white: a JPEG has no transparency."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Pillow.new("RGB", layer.size, WHITE)
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _photo_collection() -> Collection:
    """Where vendors' photos stand, apart from the editors' own images."""
    root = Collection.get_first_root_node()
    if root is None:
        root = Collection.add_root(name="Root")
    return root.get_children().filter(name=COLLECTION).first() or root.add_child(name=COLLECTION)


def make_renditions(image_id: int) -> dict[int, str]:
    """Make the missing renditions of an image and return the address of each by its size; nothing for a lost image."""
    image = get_image_model().objects.filter(pk=image_id).first()
    if image is None:
        return {}
    made = image.get_renditions(*RENDITION_SPECS.values())
    return {size: made[spec].url for size, spec in RENDITION_SPECS.items()}


def rendition_addresses(image_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """For each image, the addresses of the renditions that exist by now, by size. One query, makes nothing."""
    size_of = {spec: size for size, spec in RENDITION_SPECS.items()}
    rows = (
        get_image_model()
        .get_rendition_model()
        .objects.filter(image_id__in=list(image_ids), filter_spec__in=list(size_of))
    )
    found: dict[int, dict[int, str]] = {}
    for row in rows:
        found.setdefault(row.image_id, {})[size_of[row.filter_spec]] = row.url
    return found


def picture_address(image: Any, size: int, made: Mapping[int, Mapping[int, str]]) -> str:
    """The address of `image` at `size`: its rendition, or the stored photo while the worker is not there yet."""
    return made.get(image.pk, {}).get(size) or image.file.url


def avatar_addresses(vendors: Iterable[Any]) -> dict[int, str]:
    """For each shop's id the address of its avatar; left out while there is none to show. One query."""
    image_of = {vendor.pk: vendor.avatar_id for vendor in vendors if vendor.avatar_id}
    made = rendition_addresses(image_of.values())
    return {vendor_id: made[image_id][240] for vendor_id, image_id in image_of.items() if 240 in made.get(image_id, {})}
