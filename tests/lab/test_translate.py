"""Translations of single texts and of many, and what they align with."""

import math
from pathlib import Path

import pytest
import torch
from translating import reverser

from tandem.core.errors import ArtifactError, DataError, UsageError
from tandem.lab.answers import answers
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.texts import Placed
from tandem.lab.translate import align, translate
from tandem.nn.search import Beam

TEXTS = ["a b c d", "e", "c c a", "b d", "d a b e"]


@pytest.fixture(scope="module")
def run(reversing_run: Path) -> OpenRun:
    return open_run(reversing_run)


def placed(*texts: str) -> list[Placed]:
    return [Placed(f"line {number}", text) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize("size", [1, 5])
def test_a_text_is_translated_among_others_as_alone(run: OpenRun, size: int) -> None:
    beam = Beam(size)
    together = translate(run.model, run.objective, placed(*TEXTS), beam=beam)
    assert [one.text for one in together] == TEXTS
    for text, one in zip(TEXTS, together, strict=True):
        (alone,) = translate(run.model, run.objective, placed(text), beam=beam)
        assert alone.translation == one.translation
        assert alone.log_probability == pytest.approx(one.log_probability, rel=1e-4)
    right = sum(one.translation == " ".join(reversed(one.text.split())) for one in together)
    assert right >= 4


def test_a_wider_beam_finds_translations_that_are_not_less_probable(run: OpenRun) -> None:
    narrow, wide = (
        translate(run.model, run.objective, placed(*TEXTS), beam=Beam(size, penalty=0.0)) for size in (1, 8)
    )
    for one, other in zip(narrow, wide, strict=True):
        assert other.log_probability >= one.log_probability - 1e-6


def test_the_log_probability_is_that_of_the_tokens_and_the_end(run: OpenRun) -> None:
    (one,) = translate(run.model, run.objective, placed("a b c"), beam=Beam(1))
    objective = run.objective
    tokenizer = objective.tokenizer
    ids, said = torch.tensor([tokenizer.encode("a b c")]), tokenizer.encode(one.translation)
    read = torch.tensor([[tokenizer.cls_id, *said]])
    mask = torch.ones_like(ids, dtype=torch.bool)
    with torch.no_grad():
        scores = run.model.head(run.model.encoder(ids, mask), mask, read, torch.arange(read.numel()))
    never = [token for token in tokenizer.special_ids if token != tokenizer.sep_id]
    scores[:, never] = -torch.inf
    told = scores.log_softmax(dim=-1)[torch.arange(len(said) + 1), torch.tensor([*said, tokenizer.sep_id])]
    assert one.log_probability == pytest.approx(told.sum().item(), rel=1e-4)


def test_each_token_is_told_from_shares_of_the_text_that_sum_to_one(run: OpenRun) -> None:
    translation, aligned = align(run.model, run.objective, "a b c d", beam=Beam())
    assert aligned.source == ("a", "b", "c", "d")
    assert aligned.target == (*translation.translation.split(), "[SEP]")
    (weights,) = aligned.layers
    assert weights.shape == (5, 4)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(5))


def test_without_attention_nothing_aligns(tmp_path: Path) -> None:
    folder = reverser(tmp_path / "none", objective={"decoder": "recurrent[attention=none]"}, budget={"steps": 1})
    opened = open_run(folder)
    with pytest.raises(UsageError, match=r"the decoder recurrent\[attention=none\] has no attention"):
        align(opened.model, opened.objective, "a b", beam=Beam())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 2: there is no word in it to translate"),
        ("?!", "line 2: there is no word in it to translate"),
        ("a b c d a b c", "line 2: 7 tokens; the model was trained on at most 6"),
        ("a \ud800", "half of one"),
    ],
)
def test_what_cannot_be_translated_is_named_with_its_place(run: OpenRun, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        translate(run.model, run.objective, placed("a b", text), beam=Beam())


def test_a_text_that_is_too_long_may_be_cut(run: OpenRun) -> None:
    cut, short = translate(run.model, run.objective, placed("a b c d a b c", "a b c d a b"), beam=Beam(), cut=True)
    assert (cut.translation, cut.tokens) == (short.translation, 7)


def test_a_sample_is_answered_with_its_translation(run: OpenRun) -> None:
    (guesses,) = answers(run.model, run.objective, "a b c", top=5)
    (one,) = translate(run.model, run.objective, placed("a b c"), beam=Beam(1))
    assert [(guess.token, guess.probability) for guess in guesses] == [
        (one.translation, pytest.approx(math.exp(one.log_probability)))
    ]


def test_unknown_tokens_are_counted(run: OpenRun) -> None:
    known, unknown = translate(run.model, run.objective, placed("a b", "a Q"), beam=Beam())
    assert (known.unknown, unknown.unknown) == (0, 1)


def test_two_tokenizers_are_kept_with_the_run_and_read_their_own_side(tmp_path: Path) -> None:
    corpus = tmp_path / "pairs.tsv"
    corpus.write_text("en\tde\n" + "".join(f"{a} {b}\t{b.upper()} {a.upper()}\n" for a in "abcde" for b in "fghij"))
    words = {"kind": "words", "size": 20, "boundaries": True, "cased": True}
    folder = reverser(
        tmp_path / "own", corpus={"name": "file", "path": str(corpus), "text": "en", "second": "de"},
        tokenizer=words, target_tokenizer=words, budget={"steps": 60},
    )  # fmt: skip
    assert (folder / "target-tokenizer.json").is_file()
    opened = open_run(folder)
    assert opened.store().target_tokenizer is not None
    (one,) = translate(opened.model, opened.objective, placed("a f"), beam=Beam())
    assert one.translation.isupper()
    (folder / "target-tokenizer.json").write_text("{}")
    with pytest.raises(ArtifactError, match=r"target-tokenizer\.json: damaged or exchanged"):
        open_run(folder)
