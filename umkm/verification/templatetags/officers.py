"""Template tags of the officers' screens."""

from datetime import date, datetime

from django import template
from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from marketplace.accounts.models import Officer, User
from umkm.verification import clock, differences, selectors
from umkm.verification.looking import officer_looking

register = template.Library()


@register.simple_tag
def diff_before(before: str, after: str) -> SafeString:
    """The earlier text with what is gone marked."""
    return differences.marked_before(str(before), str(after))


@register.simple_tag
def diff_after(before: str, after: str) -> SafeString:
    """The later text with what is new marked."""
    return differences.marked_after(str(before), str(after))


@register.simple_tag
def due(moment: datetime | None) -> clock.DueWords | None:
    """A deadline in words."""
    return clock.due_words(moment)


@register.filter
def moment(value: datetime | None) -> str:
    """When something happened, in short."""
    return clock.moment_words(value) if value else ""


@register.filter
def short_date(value: date | datetime | None) -> str:
    """Day and short month."""
    return clock.short_date(value) if value else ""


@register.simple_tag
def brand_name() -> str:
    """What the site is called."""
    return settings.SITE_NAME


@register.simple_tag(takes_context=True)
def officer_of_request(context: template.Context) -> Officer | None:
    """The officer who looks at the page, or nothing."""
    # The admin's own tags render their templates with a context that holds no request but still knows it.
    request = context.get("request") or getattr(context, "request", None)
    return officer_looking(request) if request is not None and hasattr(request, "user") else None


@register.simple_tag
def initials(user: User) -> SafeString:
    """A round with the initials of a colleague. Pictures of people come from nobody else's server."""
    words = user.get_full_name().split()
    letters = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    return format_html('<span class="o-initials o-initials--{}" aria-hidden="true">{}</span>', user.pk % 4, letters)


@register.simple_tag
def flagged(text: str, phrases: list[str]) -> SafeString:
    """A text, or a marked difference, with the phrases that a finding points at marked as well."""
    html = str(conditional_escape(text))
    for phrase in phrases:
        html = html.replace(escape(phrase), format_html('<mark class="o-flag">{}</mark>', phrase))
    return linebreaksbr(mark_safe(html))  # noqa: S308 - escaped above, or by the difference


@register.simple_tag
def day_of(user: User) -> dict[str, str]:
    """The head of somebody's first screen: a greeting and the day."""
    now = timezone.localtime()
    name = {"name": user.get_short_name()}
    if now.hour < 11:
        greeting = _("Good morning, %(name)s") % name
    elif now.hour < 15:
        greeting = _("Good day, %(name)s") % name
    elif now.hour < 18:
        greeting = _("Good afternoon, %(name)s") % name
    else:
        greeting = _("Good evening, %(name)s") % name
    return {
        "greeting": greeting,
        "date": f"{date_format(now, pgettext('date format', 'l, j F Y'))}, {clock.short_time(now)}",
    }


@register.simple_tag
def officer_day(officer: Officer) -> dict[str, object]:
    """The head of the officer's home: a greeting, the day, and how many cases they decided today."""
    return {**day_of(officer.user), "decided": selectors.decided_today(officer)}
