"""Colours that editors choose: whether they can be read, and the shades that follow from them."""

MIN_TEXT_CONTRAST = 4.5

Channels = tuple[int, int, int]


def channels(colour: str) -> Channels:
    """`#27409A` as red, green and blue."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(first: str, second: str) -> float:
    """The contrast of two colours by WCAG 2, from 1 to 21."""
    lighter, darker = sorted((_luminance(channels(first)), _luminance(channels(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Channels) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    parts = (round(a * (1 - share) + b * share) for a, b in zip(channels(colour), channels(other), strict=True))
    return "#" + "".join(f"{part:02X}" for part in parts)


def text_on(colour: str) -> str:
    """White or the site's darkest blue, whichever reads better on `colour`."""
    return max(("#FFFFFF", "#10163A"), key=lambda text: contrast(text, colour))


def theme_css(accent: str, accent_dark: str) -> str:
    """The custom properties that a chosen accent changes; nothing for an empty one."""
    parts = []
    if accent:
        light = _properties(accent, hover=mixed(accent, "#000000", 0.3), soft=mixed(accent, "#FFFFFF", 0.9))
        parts.append(f':root, [data-theme="light"] {{ {light} }}')
    if accent_dark:
        dark = _properties(
            accent_dark, hover=mixed(accent_dark, "#FFFFFF", 0.35), soft=mixed(accent_dark, "#11132A", 0.78)
        )
        parts.append(f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}')
        parts.append(f'[data-theme="dark"] {{ {dark} }}')
    return "\n".join(parts) + ("\n" if parts else "")


def _properties(accent: str, *, hover: str, soft: str) -> str:
    return f"--wedel: {accent}; --wedel-hover: {hover}; --wedel-soft: {soft}; --on-wedel: {text_on(accent)};"
