"""The photos of a product while its form is filled in. A photo is stored when it arrives, so no error can lose it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from wagtail.images import get_image_model

from marketplace.catalogue.content import PhotoDraft
from marketplace.catalogue.images import picture_address, rendition_addresses, store_photo
from marketplace.catalogue.models import Product
from marketplace.catalogue.services import MAX_PHOTOS
from marketplace.core.exceptions import DomainError
from umkm.portal.forms import PhotoForm, StrictFormSet
from umkm.vendors.models import Vendor

PREFIX = "photo"
_SALT = "umkm.portal.photo"


def token_of(*, image_id: int, vendor: Vendor) -> str:
    """What a form carries for a stored photo: nobody can name a photo that this shop did not upload."""
    return signing.dumps([image_id, vendor.pk], salt=_SALT)


def image_of(token: str, *, vendor: Vendor) -> int | None:
    """The photo behind a token of this shop, or None."""
    try:
        image_id, vendor_id = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return image_id if vendor_id == vendor.pk else None


class BasePhotoFormSet(StrictFormSet):
    """The photos of a form in the order in which they will stand."""

    vendor: Vendor
    pictures: dict[int, str]

    def image_ids(self) -> list[int]:
        """The stored photo of each form."""
        return [image_of(self._token(form), vendor=self.vendor) or 0 for form in self.forms]

    def _token(self, form: forms.Form) -> str:
        return str(form["token"].value() or "")

    def rows(self) -> list[tuple[forms.Form, str]]:
        """Each form with the address of its preview."""
        return [
            (form, self.pictures.get(image_id, "")) for form, image_id in zip(self.forms, self.image_ids(), strict=True)
        ]

    def drafts(self) -> list[PhotoDraft]:
        """What to save: without the removed ones, sorted by the places that were written."""
        kept = [
            (form.cleaned_data["order"] or number, number, image_id, form.cleaned_data)
            for number, (form, image_id) in enumerate(zip(self.forms, self.image_ids(), strict=True), start=1)
            if image_id and not form.cleaned_data["remove"]
        ]
        return [
            PhotoDraft(image_id, alt=data["alt"], alt_en=data["alt_en"])
            for _o, _n, image_id, data in sorted(kept, key=lambda each: each[:2])
        ]


PhotoFormSet = forms.formset_factory(PhotoForm, formset=BasePhotoFormSet, extra=0, max_num=100)


def photos_of(draft: Product | None, *, vendor: Vendor) -> Any:
    """The photos of a draft, for a form that is opened."""
    pictures = list(draft.images.all()) if draft else []
    initial = [
        {
            "token": token_of(image_id=picture.image_id, vendor=vendor),
            "alt": picture.alt,
            "alt_en": picture.alt_en,
            "order": number,
        }
        for number, picture in enumerate(pictures, start=1)
    ]
    return _with_previews(PhotoFormSet(initial=initial, prefix=PREFIX), vendor)


def posted_photos(
    data: Any, files: Sequence[Any], *, vendor: Vendor, actor: Any, is_judged: bool = True
) -> tuple[Any, list[str]]:
    """The photos of a form that was sent, new files stored and added at the end, and what was wrong with which file."""
    rows = [row for row in _rows(data) if image_of(row["token"], vendor=vendor)]
    errors = []
    for file in files:
        if len([row for row in rows if not row["remove"]]) >= MAX_PHOTOS:
            errors.append(_("A product shows at most %(most)s photos. Remove some.") % {"most": MAX_PHOTOS})
            break
        try:
            image = store_photo(file=file, title=data.get("name", "") or vendor.name, actor=actor)
        except DomainError as error:
            errors.append(f"{file.name}: {error}")
            continue
        token = token_of(image_id=image.pk, vendor=vendor)
        rows.append({"token": token, "alt": "", "alt_en": "", "order": str(len(rows) + 1), "remove": ""})
    formset = PhotoFormSet(_as_data(rows), prefix=PREFIX) if is_judged else PhotoFormSet(initial=rows, prefix=PREFIX)
    return _with_previews(formset, vendor), errors


def single_photo(image: Any, *, vendor: Vendor, index: int) -> Any:
    """The one form of a photo that has just been sent by script, numbered `index` on its page."""
    row = {"token": token_of(image_id=image.pk, vendor=vendor), "alt": "", "alt_en": "", "order": index + 1}
    formset = PhotoFormSet(initial=[row], prefix=PREFIX)
    formset.forms[0].prefix = f"{PREFIX}-{index}"
    return _with_previews(formset, vendor)


def _with_previews(formset: Any, vendor: Vendor) -> Any:
    formset.vendor = vendor
    ids = [image_id for image_id in formset.image_ids() if image_id]
    images = get_image_model().objects.in_bulk(ids)
    made = rendition_addresses(ids) if ids else {}
    formset.pictures = {pk: picture_address(image, 240, made) for pk, image in images.items()}
    return formset


_FIELDS = ("token", "alt", "alt_en", "order", "remove")


def _rows(data: Any) -> list[dict[str, str]]:
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "0")
    count = min(int(total), 100) if total.isdecimal() else 0
    return [{name: data.get(f"{PREFIX}-{index}-{name}", "") for name in _FIELDS} for index in range(count)]


def _as_data(rows: list[dict[str, str]]) -> dict[str, str]:
    data = {f"{PREFIX}-TOTAL_FORMS": str(len(rows)), f"{PREFIX}-INITIAL_FORMS": "0"}
    for index, row in enumerate(rows):
        data |= {f"{PREFIX}-{index}-{name}": row[name] for name in _FIELDS}
    return data
