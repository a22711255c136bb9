"""Line charts as SVG, without a library: they scale, print, follow a page into the dark, and say what they show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, PLOT_HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 26, 40
LEGEND_LINE, LEGEND_COLUMNS = 17, 2
TICKS = 5
# Okabe and Ito 2008: colours that people who confuse some can tell apart. A page may put others in their place. Dashes
# tell them apart in black and white.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#666666")
DASHES = ("", "7 3", "2 2", "9 3 2 3", "12 4", "4 4", "1 3")
SHAPES: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)),
    ((0, -1), (1, 0.8), (-1, 0.8)),
    ((0, -1), (1, 0), (0, 1), (-1, 0)),
    ((-1, -0.8), (1, -0.8), (0, 1)),
    ((-0.4, -1), (0.4, -1), (0.4, 1), (-0.4, 1)),
    ((-1, -0.4), (1, -0.4), (1, 0.4), (-1, 0.4)),
)
"""Corners of what stands for a point that is not joined to others, around it; without corners it is a circle."""
LONGEST_NAME = 26


@dataclass(frozen=True)
class Curve:
    """Points in the order of `x`, and the lower and upper edge of a band around them; without edges there is none.

    Curves of one `number` look alike in all charts. Points that are not `joined` by a line are drawn as dots.
    """

    name: str
    number: int
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    joined: bool = True


def chart(curves: Sequence[Curve], *, title: str, across: str, up: str) -> str:
    """An SVG element with all `curves`; `across` and `up` name the axes. Numbers that are not finite are left out."""
    plot = _Plot(curves)
    legend = math.ceil(len(curves) / LEGEND_COLUMNS) * LEGEND_LINE
    height = TOP + PLOT_HEIGHT + BOTTOM + legend
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-size="11" '
        f'font-family="system-ui, sans-serif" style="fill:var(--ink,#222)" aria-label="{_quoted(title)}">',
        f'<text x="{LEFT}" y="15" font-size="12" font-weight="600">{escape(title)}</text>',
        *_axes(plot, across=across, up=up),
        *(_band(plot, curve) for curve in curves if curve.low),
        *(_line(plot, curve) for curve in curves),
        *_legend(curves),
    ]
    return "\n".join([*parts, "</svg>"])


class _Plot:
    """From numbers to places."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        self.x = _range([value for curve in curves for value in curve.x])
        self.y = _range([value for curve in curves for line in (curve.y, curve.low, curve.high) for value in line])

    def across(self, value: float) -> float:
        low, high = self.x[0], self.x[-1]
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)

    def up(self, value: float) -> float:
        low, high = self.y[0], self.y[-1]
        return TOP + PLOT_HEIGHT * (high - value) / (high - low)

    def points(self, x: Sequence[float], y: Sequence[float]) -> list[tuple[float, float]]:
        pairs = zip(x, y, strict=True)
        return [(self.across(a), self.up(b)) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]


def ticks(low: float, high: float) -> list[float]:
    """About five round numbers from at most `low` to at least `high`."""
    if high <= low:
        low, high = low - (abs(low) or 1) / 10, high + (abs(high) or 1) / 10
    rough = (high - low) / TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 2.5, 5, 10) if unit * times >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _range(values: Sequence[float]) -> list[float]:
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    return ticks(min(finite), max(finite))


def short(value: int | float) -> str:
    """A number for an axis: 1.5M, 20k, 0.25."""
    for unit, size in (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        # 999,500 has three digits as 1M, and none of the kind as 1e+03k.
        if abs(value) >= 0.9995 * size:
            return f"{value / size:.3g}{unit}"
    return f"{0.0 if abs(value) < 1e-12 else value:.3g}"


def _axes(plot: _Plot, *, across: str, up: str) -> list[str]:
    bottom, right = TOP + PLOT_HEIGHT, WIDTH - RIGHT
    grid = 'style="stroke:var(--line,#ddd)"'
    faint = 'style="fill:var(--faint,#666)"'
    parts = []
    for value in plot.y:
        y = plot.up(value)
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" {grid}/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" {faint}>{short(value)}</text>')
    for value in plot.x:
        x = plot.across(value)
        anchor = "end" if x > right - 12 else "middle"
        parts.append(f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="{anchor}" {faint}>{short(value)}</text>')
    middle = TOP + PLOT_HEIGHT / 2
    parts.append(
        f'<text x="{(LEFT + right) / 2}" y="{bottom + 31}" text-anchor="middle" {faint}>{escape(across)}</text>'
    )
    turned = f'transform="rotate(-90 12 {middle})"'
    parts.append(f'<text x="12" y="{middle}" text-anchor="middle" {turned} {faint}>{escape(up)}</text>')
    return parts


def _band(plot: _Plot, curve: Curve) -> str:
    edge = plot.points(curve.x, curve.high) + plot.points(curve.x, curve.low)[::-1]
    return f'<polygon points="{_places(edge)}" style="fill:{_colour(curve.number)};fill-opacity:.15"/>'


def _line(plot: _Plot, curve: Curve) -> str:
    points = plot.points(curve.x, curve.y)
    if curve.joined:
        return f'<polyline points="{_places(points)}" {_stroke(curve.number)}/>'
    return "".join(_dot(x, y, curve.number) for x, y in points)


def _dot(x: float, y: float, number: int) -> str:
    """A filled shape that tells curves apart in black and white too."""
    corners = SHAPES[number % len(SHAPES)]
    fill = f'style="fill:{_colour(number)}"'
    if not corners:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" {fill}/>'
    return f'<polygon points="{_places([(x + 4 * a, y + 4 * b) for a, b in corners])}" {fill}/>'


def _legend(curves: Sequence[Curve]) -> list[str]:
    parts = []
    for place, curve in enumerate(curves):
        row, column = divmod(place, LEGEND_COLUMNS)
        x = 12 + column * (WIDTH - 12) // LEGEND_COLUMNS
        y = TOP + PLOT_HEIGHT + BOTTOM + 8 + row * LEGEND_LINE
        name = curve.name if len(curve.name) <= LONGEST_NAME else f"{curve.name[: LONGEST_NAME - 1]}…"
        sign = f'<polyline points="{x},{y - 4} {x + 26},{y - 4}" {_stroke(curve.number)}/>'
        parts.append(sign if curve.joined else _dot(x + 13.0, y - 4.0, curve.number))
        parts.append(f'<text x="{x + 32}" y="{y}">{escape(name)}</text>')
    return parts


def _stroke(number: int) -> str:
    return (
        f'style="fill:none;stroke:{_colour(number)};stroke-width:1.8;stroke-linejoin:round;'
        f'stroke-dasharray:{DASHES[number % len(DASHES)] or "none"}"'
    )


def _colour(number: int) -> str:
    place = number % len(COLOURS)
    return f"var(--c{place},{COLOURS[place]})"


def _places(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})
