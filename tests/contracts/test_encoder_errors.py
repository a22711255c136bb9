"""What an encoder refuses, and what the message says."""

import pytest

from tandem.core.errors import UsageError
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse


def refusal(expression: str, *, width: int = 8, sees: str = "both") -> str:
    with pytest.raises(UsageError) as caught:
        Encoder(parse(expression), vocabulary=10, width=width, sees=sees, max_length=8)
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "place", "problem", "nearest", "legal"),
    [
        ("lstm > atention", 8, 'unknown mixer "atention"', "attention", ["attention", "cnn", "gru", "lstm", "rnn"]),
        ("position[kind=sinusoid] > lstm", 1, 'unknown mixer "position"', "positions", ["lstm", "positions"]),
        ("attention[head=2]", 1, 'unknown option "head"', "heads", ["heads", "window", "relative", "block", "sees"]),
        ("lstm > lstm[blok=pre]", 8, 'unknown option "blok"', "block", ["block", "sees"]),
        ("lstm[block=prep]", 1, 'unknown value of block "prep"', "pre", ["pre", "post", "bare"]),
        ("lstm[sees=pas]", 1, 'unknown value of sees "pas"', "past", ["past", "both"]),
        ("gru > positions[kind=sinusiod] > lstm", 7, '"sinusiod"', "sinusoid", ["learned", "rotary", "distance"]),
    ],
)
def test_an_unknown_name_is_answered_with_its_place_the_legal_names_and_the_nearest(
    expression: str, place: int, problem: str, nearest: str, legal: list[str]
) -> None:
    message = refusal(expression)
    assert f"encoder, position {place}: " in message
    assert problem in message
    assert f'did you mean "{nearest}"?' in message
    listed = message[message.index("(legal: ") + len("(legal: ") : -1].split(", ")
    assert set(legal) <= set(listed)


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("lstm > attention[heads=2.5]", ["position 8: attention: ", "heads = 2.5", "valid integer"]),
        ("attention[heads=true]", ["position 1: attention: ", "heads = True", "valid integer"]),
        ("attention[relative=rotory]", ["position 1: attention: ", 'relative "rotory"', 'did you mean "rotary"']),
        ("positions > lstm", ["position 1: ", "positions[kind=sinusoid]"]),
        ("positions[kind=none,at=1] > lstm", ["position 1: ", "positions[kind=sinusoid]"]),
        ("lstm > norm[epsilon=1]", ["position 8: ", "norm takes no option, not epsilon"]),
        ("hf > lstm", ["position 1: ", "hf is the body of a pretrained model", 'init = "hf:NAME"']),
    ],
)
def test_a_value_of_another_type_is_answered_with_its_place_and_what_is_legal(
    expression: str, parts: list[str]
) -> None:
    message = refusal(expression)
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize(
    ("expression", "width", "parts"),
    [
        ("attention[heads=3]", 8, ["heads = 3", "width 8"]),
        ("attention[heads=0]", 8, ["heads = 0", "width 8"]),
        ("attention[heads=2,relative=rotary]", 6, ["rotary", "even", "6 / 2"]),
        ("positions[kind=rotary] > attention[heads=2]", 6, ["rotary", "even", "6 / 2"]),
        ("attention[window=0]", 8, ["window = 0"]),
        ("lstm", 9, ["width 9", "even"]),
        ("gru | rnn", 9, ["width 9", "even"]),
        ("cnn[kernel=4]", 8, ["kernel = 4", "odd"]),
        ("cnn[kernel=0,sees=past]", 8, ["kernel = 0", "positive"]),
    ],
)
def test_sizes_that_cannot_be_are_refused_with_their_numbers(expression: str, width: int, parts: list[str]) -> None:
    message = refusal(expression, width=width)
    assert [part for part in parts if part not in message] == []


def test_what_needs_two_sides_is_not_asked_of_a_mixer_that_sees_one() -> None:
    for expression in ("lstm", "cnn[kernel=4]"):
        Encoder(parse(expression), vocabulary=10, width=9, sees="past", max_length=8)
