"""Pictures are whole, readable files, whatever the tokens are made of."""

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import torch

from tandem.lab.gradient_flow import Flow
from tandem.lab.look import AttentionLayer, Look
from tandem.lab.pictures import draw_flows, draw_look, file_name, label

PNG = b"\x89PNG\r\n\x1a\n"
TOKENS = (
    "$5",
    "a$b$c",
    "<script>",
    "\ud55c\uad6d",
    "\u0645\u0631\u062d\u0628\u0627",
    "\U0001f600",
    " the",
    "\n",
    "\x1b[31m",
    "w" * 90,
)


def made(tokens: tuple[str, ...], layers: int = 1, heads: int = 3) -> Look:
    count = len(tokens)
    weights = torch.rand(1, heads, count, count, generator=torch.Generator().manual_seed(0))
    attention = tuple(AttentionLayer(f"{number}.1 attention", weights) for number in range(1, layers + 1))
    return Look(tokens, attention, weights[0, 0])


def texts(svg: Path) -> list[str]:
    return [
        element.text or ""
        for element in ElementTree.fromstring(svg.read_bytes()).iter()
        if element.tag.endswith("text")
    ]


def test_every_layer_has_a_figure_with_its_heads_and_tokens_on_both_axes(tmp_path: Path) -> None:
    written = draw_look(tmp_path / "new", made(("one", "two"), layers=2), expression="attention*2 | lstm")
    names = ["influence", "attention-1-1", "attention-2-1"]
    assert [path.name for path in written] == [f"{name}.{ending}" for name in names for ending in ("png", "svg")]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in written)
    for path in written[::2]:
        assert path.read_bytes().startswith(PNG)
    found = texts(tmp_path / "new" / "attention-2-1.svg")
    assert [text for text in found if text.startswith("head")] == ["head 1", "head 2", "head 3"]
    assert found.count("one") == found.count("two") == 6
    assert "Attention weights of layer 2.1 attention in attention*2 | lstm" in found


def test_tokens_of_any_script_are_drawn_without_a_complaint(tmp_path: Path) -> None:
    draw_look(tmp_path, made(TOKENS), expression="a$b$")
    found = texts(tmp_path / "influence.svg")
    for shown in ("$5", "a$b$c", "<script>", "\ud55c\uad6d", "\U0001f600", "\u2423the", "\u23ce", "\\x1b[31m"):
        assert found.count(shown) == 2, shown
    assert any(text.startswith("wwww") and len(text) < 20 for text in found)


@pytest.mark.parametrize("count", [1, 128])
def test_a_picture_has_a_bounded_size(tmp_path: Path, count: int) -> None:
    draw_look(tmp_path, made(("word",) * count, heads=1), expression="attention")
    width, height = (int.from_bytes((tmp_path / "influence.png").read_bytes()[at : at + 4], "big") for at in (16, 20))
    assert 200 < height <= width < 2000


def test_equal_pictures_are_equal_files_and_nothing_half_written_stays(tmp_path: Path) -> None:
    for name in ("one", "two"):
        draw_look(tmp_path / name, made(("a", "b")), expression="attention")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_map_of_zeros_is_drawn(tmp_path: Path) -> None:
    draw_look(tmp_path, Look(("a",), (), torch.zeros(1, 1)), expression="cnn")
    assert {path.name for path in tmp_path.iterdir()} == {"influence.png", "influence.svg"}


def test_flows_share_one_figure_and_zeros_are_gaps(tmp_path: Path) -> None:
    flows = [
        Flow("rnn", (0, 1, 2), (1.0, 0.1, 0.01), (0.9, 0.1, 0.005), (1.1, 0.1, 0.02)),
        Flow("cnn $", (-1, 0, 1, 2), (1.0, 2.0, 1.0, 0.0), (1.0, 2.0, 1.0, 0.0), (1.0, 2.0, 1.0, 0.0)),
    ]
    assert [path.name for path in draw_flows(tmp_path, flows)] == ["gradient-flow.png", "gradient-flow.svg"]
    assert {"rnn", "cnn $", "t - s (tokens)"} <= set(texts(tmp_path / "gradient-flow.svg"))


def test_names_of_files_are_safe_and_tell_sentences_apart() -> None:
    assert file_name("The wind blows.") == "the-wind-blows"
    hostile = [
        "../../etc/passwd",
        "a/b",
        "a_b",
        "",
        "\ud55c",
        "\uad6d",
        "CON\0",
        "x" * 500,
        "x" * 501,
        "the wind (blows)",
    ]
    names = [file_name(text) for text in hostile]
    assert len(set(names)) == len(names)
    for name in names:
        assert 0 < len(name) < 60
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert os.path.basename(name) == name


def test_labels_are_short_and_visible() -> None:
    assert [label(token) for token in ("", " ", " the", "a\tb", "\u200b")] == [
        "\u2423",
        "\u2423",
        "\u2423the",
        "a\u21e5b",
        "\\u200b",
    ]
