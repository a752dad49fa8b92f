"""Charts as inline SVG: plain elements with classes, so that the colours of the admin, dark mode and a strict
Content-Security-Policy hold. Each has a title and a description, draws its numbers as text and never says anything
by colour alone. This period is solid, the period compared with is an outline or a dot, an unfinished one is hatched.

svg.py writes texts and attributes as they are, so everything that comes from data passes `safe()` first.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import svg
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from marketplace.core.money import format_rupiah

Number = int | float
Format = Callable[[Number], str]


def safe(text: object) -> str:
    """Text for an element or an attribute of a chart."""
    return str(escape(text))


def number(value: Number) -> str:
    """A whole number in the writing of the active language."""
    text = f"{value:,.0f}"
    return text if (get_language() or "").startswith("en") else text.replace(",", ".")


def rupiah_short(value: Number) -> str:
    """`1250000` → `Rp1,3 jt` (`Rp1.3m` in English)."""
    english = (get_language() or "").startswith("en")
    for size, word_id, word_en in ((1_000_000_000, " M", "bn"), (1_000_000, " jt", "m"), (1_000, " rb", "k")):
        if abs(value) >= size:
            text = f"{value / size:.1f}".removesuffix(".0")
            return f"Rp{text}{word_en}" if english else f"Rp{text.replace('.', ',')}{word_id}"
    return format_rupiah(int(value))


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value, the value it is compared with, and where its rows are."""

    label: str
    now: Number
    then: Number
    url: str = ""


def _drawing(
    width: int,
    height: int,
    elements: list[svg.Element],
    *,
    title: str,
    description: str,
    role: str = "img",
    classes: str = "",
) -> SafeString:
    # The same picture twice on a page (for a desk, for a phone) still needs ids of its own.
    ident = "c" + blake2b(f"{title}{width}{height}{description}".encode(), digest_size=6).hexdigest()
    drawing = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        class_=["o-chart", *classes.split()],
        extra={"role": role, "aria-labelledby": f"{ident}-t {ident}-d"},
        elements=[
            svg.Title(id=f"{ident}-t", text=safe(title)),
            svg.Desc(id=f"{ident}-d", text=safe(description)),
            *elements,
        ],
    )
    return mark_safe(str(drawing))  # noqa: S308 - every text and address in it passed safe()


def _text(x: float, y: float, words: str, kind: str, *, anchor: str = "start", classes: str = "") -> svg.Text:
    return svg.Text(
        x=round(x, 1), y=round(y, 1), text=safe(words), class_=[kind, *classes.split()], extra={"text-anchor": anchor}
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> svg.Line:
    return svg.Line(x1=round(x1, 1), y1=round(y1, 1), x2=round(x2, 1), y2=round(y2, 1), class_=[kind])


def _hatch(ident: str) -> svg.Defs:
    return svg.Defs(
        elements=[
            svg.Pattern(
                id=ident,
                width=6,
                height=6,
                patternUnits="userSpaceOnUse",
                patternTransform=[svg.Rotate(45)],
                elements=[
                    svg.Rect(width=6, height=6, class_=["o-hatch-ground"]),
                    svg.Line(x1=0, y1=0, x2=0, y2=6, class_=["o-hatch-line"]),
                ],
            )
        ]
    )


def _bar_link(bar: Bar, column: svg.Rect, show: Format) -> svg.A:
    """A bar that leads to its rows, named for screen readers and on hovering."""
    name = safe(f"{bar.label}: {show(bar.now)}")
    return svg.A(
        href=safe(bar.url),
        class_=["o-barlink"],
        elements=[svg.Title(text=name), column],
        extra={"aria-label": name},
    )


def period_bars(
    bars: Sequence[Bar],
    *,
    title: str,
    description: str,
    show: Format = number,
    width: int = 400,
    height: int = 128,
    label_every: int = 4,
) -> SafeString:
    """Upright bars over time. The cross line is the same time a year before; the last bar is still running."""
    top, left, right, bottom = 18, 2, 64, 20
    peak = max([bar.now for bar in bars] + [bar.then for bar in bars] + [1]) * 1.04
    span = (width - left - right) / len(bars)
    thick = span * 0.6
    floor = height - bottom

    def at(value: Number) -> float:
        return top + (floor - top) * (1 - value / peak)

    hatch = "h" + blake2b(f"{title}{width}".encode(), digest_size=5).hexdigest()
    best = max(range(len(bars) - 1), key=lambda index: bars[index].now, default=0)
    elements: list[svg.Element] = [_hatch(hatch), _line(left, floor, width - right, floor, "o-axis")]
    for index, bar in enumerate(bars):
        x = left + span * index + (span - thick) / 2
        running = index == len(bars) - 1
        column = svg.Rect(
            x=round(x, 1),
            y=round(at(bar.now), 1),
            width=round(thick, 1),
            height=round(floor - at(bar.now), 1),
            rx=1.5,
            class_=["o-bar--running" if running else "o-bar"],
            fill=f"url(#{hatch})" if running else None,
        )
        elements.append(_bar_link(bar, column, show) if bar.url else column)
        elements.append(_line(x - 2.5, at(bar.then), x + thick + 2.5, at(bar.then), "o-then"))
        if running:
            elements.append(_text(x + thick + 6, at(bar.now) + 4, show(bar.now), "o-num"))
        elif index == best and bar.now:
            elements.append(
                _text(x + thick / 2, at(max(bar.now, bar.then)) - 5, show(bar.now), "o-num", anchor="middle")
            )
        if running or index % label_every == 0:
            first = index == 0
            elements.append(
                _text(
                    left if first else x + thick / 2,
                    height - 5,
                    bar.label,
                    "o-tick",
                    anchor="start" if first else "middle",
                )
            )
    role = "group" if any(bar.url for bar in bars) else "img"
    return _drawing(width, height, elements, title=title, description=description, role=role)


def spark(values: Sequence[Number], *, title: str, description: str, width: int = 120, height: int = 32) -> SafeString:
    """A small line without axes: where it came from and where it is."""
    low, high, pad = min(values), max(values), 4
    step = (width - 2 * pad) / max(len(values) - 1, 1)
    points = [
        (
            round(pad + step * index, 1),
            round(height - pad - (value - low) / ((high - low) or 1) * (height - 2 * pad), 1),
        )
        for index, value in enumerate(values)
    ]
    return _drawing(
        width,
        height,
        [
            svg.Polyline(points=[svg.Point(x, y) for x, y in points], class_=["o-line"]),
            svg.Circle(cx=points[-1][0], cy=points[-1][1], r=3, class_=["o-dot"]),
        ],
        title=title,
        description=description,
        classes="o-chart--spark",
    )


def compare_bars(
    bars: Sequence[Bar],
    *,
    title: str,
    description: str,
    width: int = 520,
    label_width: int = 150,
    row: int = 26,
    show: Format = number,
) -> SafeString:
    """Lying bars (now) with an open ring (then), number and difference as text; with an address a link to the rows."""
    peak = max([bar.now for bar in bars] + [bar.then for bar in bars] + [1])
    room = width - label_width - 96
    elements: list[svg.Element] = []
    for index, bar in enumerate(bars):
        y, middle = index * row, index * row + row / 2
        now, then = room * bar.now / peak, room * bar.then / peak
        gap = bar.now - bar.then
        sign = "+" if gap > 0 else "−" if gap < 0 else "±"
        drawn: list[svg.Element] = [
            svg.Rect(x=0, y=y, width=width, height=row, class_=["o-hit"]),
            _text(label_width - 10, middle + 4.5, bar.label, "o-lab", anchor="end"),
            svg.Rect(x=label_width, y=y + 7, width=round(now, 1), height=row - 14, rx=1.5, class_=["o-bar"]),
            svg.Circle(cx=round(label_width + then, 1), cy=middle, r=4, class_=["o-ring"]),
            _text(label_width + max(now, then) + 10, middle + 4.5, show(bar.now), "o-num"),
            _text(width, middle + 4.5, sign + show(abs(gap)), "o-tick", anchor="end"),
        ]
        elements.append(
            svg.A(href=safe(bar.url), class_=["o-barlink"], elements=drawn) if bar.url else svg.G(elements=drawn)
        )
    # With links inside it is a group, not an image.
    role = "group" if any(bar.url for bar in bars) else "img"
    return _drawing(width, max(row * len(bars), row) + 2, elements, title=title, description=description, role=role)


def compare_lines(
    labels: Sequence[str],
    now: Sequence[Number],
    then: Sequence[Number],
    *,
    names: tuple[str, str],
    title: str,
    description: str,
    show: Format = number,
    width: int = 560,
    height: int = 210,
    least: Number = 1_000_000,
) -> SafeString:
    """A line and, dashed, the time that it is compared with. `least`: the axis goes up to this at least."""
    top, bottom, left, right = 14, 24, 58, 104 if width > 400 else 62
    # Without any sales the axis still shows amounts that somebody could sell for.
    peak = _round_up(max([*now, *then, least]))
    last = len(labels) - 1

    def place(index: int, value: Number) -> tuple[float, float]:
        return (
            round(left + (width - left - right) * index / max(last, 1), 1),
            round(top + (height - top - bottom) * (1 - value / peak), 1),
        )

    elements: list[svg.Element] = []
    for value in (0, peak / 2, peak):
        y = place(0, value)[1]
        elements.append(_line(left, y, width - right, y, "o-axis"))
        elements.append(_text(left - 6, y + 4, show(value) if value else "0", "o-tick", anchor="end"))
    # A year before there may have been nothing to compare with.
    compared = any(then)
    for values, classes in ((then, ["o-line", "o-line--then"]), (now, ["o-line"])):
        if values is then and not compared:
            continue
        points = [svg.Point(*place(index, value)) for index, value in enumerate(values)]
        elements.append(svg.Polyline(points=points, class_=classes))
    (x, y_now), (_x, y_then) = place(last, now[-1]), place(last, then[-1])
    label_now, label_then = _apart(y_now, y_then) if compared else (y_now, y_then)
    for name, value, y, label_y, kind in (
        (names[0], now[-1], y_now, label_now, "o-dot"),
        (names[1], then[-1], y_then, label_then, "o-ring"),
    ):
        if kind == "o-ring" and not compared:
            continue
        elements.append(svg.Circle(cx=x, cy=y, r=3.5, class_=[kind]))
        words = f"{name} {show(value)}" if width > 400 else name
        elements.append(_text(x + 9, label_y + 4, words, "o-num"))
    for index in sorted({0, last // 3, 2 * last // 3, last}):
        elements.append(
            _text(place(index, 0)[0], height - 6, labels[index], "o-tick", anchor="start" if index == 0 else "middle")
        )
    return _drawing(width, height, elements, title=title, description=description)


def _apart(first: float, second: float) -> tuple[float, float]:
    """Where two labels stand so that they do not cover each other."""
    gap = 14 - abs(first - second)
    if gap <= 0:
        return first, second
    shift = gap / 2
    return (first - shift, second + shift) if first <= second else (first + shift, second - shift)


def _round_up(value: Number) -> Number:
    """The next number of the form 1, 2 or 5 × 10ⁿ, for the top of an axis."""
    size = 10 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 2, 5, 10) if step * size >= value)


@dataclass(frozen=True)
class Place:
    """A district on the map: where its businesses are on average, how many, how many a year ago."""

    label: str
    latitude: float
    longitude: float
    now: int
    then: int
    url: str


Ring = list[list[float]]


def place_map(
    places: Sequence[Place],
    boundaries: Sequence[Sequence[Ring]],
    *,
    title: str,
    description: str,
    width: int = 470,
    height: int = 470,
) -> SafeString:
    """Circles whose area is the number, over the boundaries that an operator imported (or over nothing)."""
    points = [(place.longitude, place.latitude) for place in places]
    points += [(point[0], point[1]) for polygon in boundaries for ring in polygon for point in ring]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    margin = 20 if boundaries else 72
    # One district alone must not be stretched over the whole picture.
    scale = min(
        (width - 2 * margin) / max((east - west) * squeeze, 0.02), (height - 2 * margin) / max(north - south, 0.02)
    )
    off_x = (width - (east - west) * squeeze * scale) / 2
    off_y = (height - (north - south) * scale) / 2

    def at(longitude: float, latitude: float) -> tuple[float, float]:
        return round(off_x + (longitude - west) * squeeze * scale, 1), round(off_y + (north - latitude) * scale, 1)

    elements: list[svg.Element] = []
    for polygon in boundaries:
        path: list[svg.PathData] = []
        for ring in polygon:
            for index, point in enumerate(ring):
                x, y = at(point[0], point[1])
                path.append(svg.M(x, y) if index == 0 else svg.L(x, y))
            path.append(svg.Z())
        elements.append(svg.Path(d=path, class_=["o-land"]))
    biggest = max([place.now for place in places] + [place.then for place in places] + [1])
    for place in sorted(places, key=lambda place: -place.now):
        x, y = at(place.longitude, place.latitude)
        radius, before = (44 * math.sqrt(value / biggest) for value in (place.now, place.then))
        elements.append(
            svg.A(
                href=safe(place.url),
                class_=["o-circlelink"],
                elements=[
                    svg.Circle(cx=x, cy=y, r=round(max(radius, 7), 1), class_=["o-circle"]),
                    svg.Circle(cx=x, cy=y, r=round(before, 1), class_=["o-circle-then"]),
                    _text(x, y + 6, number(place.now), "o-circle-n", anchor="middle"),
                    _text(x, y + max(radius, before, 7) + 16, place.label, "o-circle-name", anchor="middle"),
                ],
            )
        )
    floor, end = height - 8, round(8 + 2 * scale / 111.32, 1)
    elements.append(
        svg.Polyline(
            points=[svg.Point(8, floor - 6), svg.Point(8, floor), svg.Point(end, floor), svg.Point(end, floor - 6)],
            class_=["o-scale"],
        )
    )
    elements.append(_text(end + 6, height - 6, "2 km", "o-tick"))
    return _drawing(width, height, elements, title=title, description=description, role="group", classes="o-map")


def for_desk_and_phone(draw: Callable[[int], SafeString], wide: int, narrow: int) -> SafeString:
    """The same chart twice; the style sheet shows one of them, so that text keeps its size and is read once."""
    return format_html('<div class="o-wide">{}</div><div class="o-narrow">{}</div>', draw(wide), draw(narrow))
