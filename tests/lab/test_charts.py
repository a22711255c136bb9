"""Line charts as SVG."""

import math
import xml.etree.ElementTree as ElementTree

import pytest

from tandem.lab.charts import Curve, chart, short, ticks

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (4.6, 6.9, [4.5, 5, 5.5, 6, 6.5, 7]),
        (0.0, 90e6, [0, 2e7, 4e7, 6e7, 8e7, 1e8]),
    ],
)
def test_ticks_are_round_and_hold_all_numbers(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("value", [0.0, 3.0, -2.5])
def test_one_number_alone_has_a_range_around_it(value: float) -> None:
    found = ticks(value, value)
    assert found[0] < value < found[-1]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1500, "1.5k"),
        (2e6, "2M"),
        (0.25, "0.25"),
        (3.2e13, "32T"),
        (-1e-17, "0"),
        (999_499, "999k"),
        (999_500, "1M"),
        (-999.6, "-1k"),
    ],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert short(number) == text


def test_a_chart_is_well_formed_and_puts_more_higher() -> None:
    curves = [
        Curve('<a> & "b"', 0, [0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [0.5, 1.5, 2.5], [1.5, 2.5, 3.5]),
        Curve("c", 1, [0.0, 1.0, 2.0], [1.0, math.nan, 2.0]),
    ]
    root = ElementTree.fromstring(chart(curves, title="<t>", across="x & y", up="z"))
    assert root.get("aria-label") == "<t>"
    assert '<a> & "b"' in [text.text for text in root.iter(f"{SVG}text")]
    assert len(root.findall(f"{SVG}polygon")) == 1
    first, second = (line.get("points").split() for line in root.findall(f"{SVG}polyline")[:2])
    heights = [float(point.split(",")[1]) for point in first]
    assert heights == sorted(heights, reverse=True)
    assert len(first) == 3
    assert len(second) == 2
