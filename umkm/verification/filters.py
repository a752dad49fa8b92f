"""Filters of the queue."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from marketplace.reference.models import Region, Subsector
from umkm.registration.models import VendorApplication
from umkm.verification import clock, selectors
from umkm.verification.looking import officer_looking

DUE_CHOICES = {
    "lewat": (clock.DueGroup.LATE, _("Past the deadline")),
    "hari-ini": (clock.DueGroup.TODAY, _("Today")),
    "besok": (clock.DueGroup.TOMORROW, _("Tomorrow")),
    "pekan": (clock.DueGroup.THIS_WEEK, _("2–5 working days")),
    "nanti": (clock.DueGroup.LATER, _("Later")),
}


def districts_for(request: HttpRequest | None) -> "QuerySet[Region]":
    """The districts of the officer's region."""
    officer = officer_looking(request) if request else None
    if officer is None:
        return Region.objects.none()
    return Region.objects.filter(parent_id=officer.agency.region_id).order_by("name")


class CaseFilterSet(WagtailFilterSet):
    """Deadline, district, sub-sector, round."""

    tenggat = django_filters.ChoiceFilter(
        label=_("Deadline"),
        method="by_due",
        empty_label=_("All"),
        widget=forms.RadioSelect,
        choices=[(key, label) for key, (_group, label) in DUE_CHOICES.items()],
    )
    kecamatan = django_filters.ModelMultipleChoiceFilter(
        label=_("District"),
        field_name="village__parent",
        queryset=districts_for,
        widget=forms.CheckboxSelectMultiple,
    )
    subsektor = django_filters.ModelChoiceFilter(
        label=_("Sub-sector"),
        method="by_subsector",
        to_field_name="slug",
        queryset=Subsector.objects.all(),
        empty_label=_("All"),
    )
    ronde = django_filters.ChoiceFilter(
        label=_("Round"),
        method="by_round",
        empty_label=_("All"),
        widget=forms.RadioSelect,
        choices=[("1", _("First round")), ("2", _("Fixed by the applicant"))],
    )

    def by_due(self, cases: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        return cases.filter(selectors.due_filter(DUE_CHOICES[value][0]))

    def by_subsector(self, cases: "QuerySet[Any]", name: str, value: Subsector) -> "QuerySet[Any]":
        return cases.filter(subsector=value)

    def by_round(self, cases: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        return cases.filter(round=1) if value == "1" else cases.filter(round__gt=1)

    class Meta:
        model = VendorApplication
        fields = ["tenggat", "kecamatan", "subsektor", "ronde"]
