"""An encoder in words and numbers that agree with the model a run would train."""

import re
from pathlib import Path

import pytest
from running import tiny, written

from tandem.core.errors import UsageError
from tandem.lab.assemble import assemble, check
from tandem.lab.describe import describe
from tandem.nn.cost import parameters


def told(text: str, *, width: int | None = None, vocabulary: int | None = None, length: int | None = None) -> str:
    return "\n".join(describe(text, width=width, vocabulary=vocabulary, length=length))


def numbers(line: str, text: str) -> list[int]:
    (found,) = re.findall(rf"^{line}.*$", text, flags=re.MULTILINE)
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", found)]


def test_the_tree_has_a_line_for_every_part_under_its_branch() -> None:
    lines = told("positions[kind=sinusoid] > attention*2 | lstm").splitlines()
    assert lines[0] == "positions[kind=sinusoid] > attention*2 | lstm"
    tree = [line[:40].rstrip() for line in lines[1 : lines.index("")]]
    assert tree == [
        "  parallel, merged by sum",
        "    branch",
        "      positions, sinusoid",
        "      attention, sees both, pre block",
        "      attention, sees both, pre block",
        "      norm",
        "    branch",
        "      lstm, sees both, bare block",
    ]


def test_the_parameters_add_up_and_are_those_of_the_model_that_would_be_trained(book: Path, tmp_path: Path) -> None:
    recipe = written(tmp_path / "mine.toml", book, encoder="attention | gru")
    vocabulary = assemble(tiny(book)).store.tokenizer.size
    total, embedding, body, head = numbers("parameters", told(str(recipe), vocabulary=vocabulary))
    assert total == embedding + body + head
    counted = parameters(assemble(tiny(book, encoder="attention | gru")).model)
    assert (embedding, body, head) == (counted.embedding, counted.body, counted.head)


def test_operations_per_token_are_body_and_head_together() -> None:
    total, body, head = numbers("FLOPs per token", told("lstm", width=32))[:3]
    assert total == pytest.approx(body + head, abs=1)
    # Two directions of four gates of 16 units, each reading 32 inputs and 16 units; the block is bare.
    assert body == 2 * 2 * 4 * 16 * (32 + 16)


def test_what_training_spares_is_taken_off_and_told() -> None:
    total, body, head, spared = numbers("FLOPs per token", told("attention", width=32))[:4]
    assert total == pytest.approx(body + head - spared, abs=1)
    # The output of attention and the feed-forward network of 128 units, for 85 % of the positions.
    assert spared == pytest.approx(0.85 * 2 * (32 * 32 + 2 * 32 * 128), abs=1)


def test_sizes_on_the_command_line_replace_those_of_the_recipe() -> None:
    text = told("attention", width=64, vocabulary=100, length=10)
    assert "width 64, vocabulary 100, 10 tokens" in text
    assert numbers("parameters", text)[1] == 6400


def test_state_is_counted_only_for_what_reads_from_left_to_right() -> None:
    assert "state per sequence after 64 tokens: none: it sees both sides" in told("lstm")
    # One hidden vector and one cell of 32 numbers of four bytes.
    assert "state per sequence after 64 tokens: 256 bytes" in told("lstm[sees=past]", width=32)


def test_the_largest_encoder_is_described_without_building_it() -> None:
    total = numbers("parameters", told("attention*96", width=12288, vocabulary=50257))[0]
    # GPT-3's size; no machine of this project could hold it.
    assert total == pytest.approx(175e9, rel=0.01)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("lsmt", 'unknown mixer "lsmt"; did you mean "lstm"'),
        ("lstm >", "the expression ends too early"),
        ("attention[heads=3]", "heads"),
        ("none.toml", "no such recipe"),
    ],
)
def test_what_is_no_encoder_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        told(text)


def test_sizes_below_one_are_refused() -> None:
    with pytest.raises(UsageError, match="--width 0: at least 1"):
        told("lstm", width=0)


def test_checking_a_recipe_gives_a_model_of_shapes_that_takes_no_memory(book: Path) -> None:
    assert check(tiny(book, encoder="attention | lstm > cnn")).device.type == "meta"
