"""Guesses for masks: as many as there are masks, ordered, and never a special token."""

from pathlib import Path

import pytest
import torch

from tandem.core.errors import UsageError
from tandem.lab.fill_mask import Guess, fill_mask
from tandem.lab.folder import OpenRun, open_run

SPELLINGS = ("[MASK]", "[mask]", "<mask>", "<MASK>")


@pytest.fixture(params=["words_run", "pieces_run"])
def run(request: pytest.FixtureRequest) -> OpenRun:
    return open_run(request.getfixturevalue(request.param))


def ask(run: OpenRun, text: str, top: int = 5) -> list[list[Guess]]:
    return fill_mask(run.model, run.objective, text, top=top)


def test_every_mask_is_answered_from_left_to_right(run: OpenRun) -> None:
    one, two = ask(run, "The [MASK] wind blows. After spring comes [MASK].")
    assert len(one) == len(two) == 5
    # The first answer belongs to the first mask: with only that one it is the likeliest again.
    alone = ask(run, "The [MASK] wind blows. After spring comes")
    assert len(alone) == 1


def test_masks_are_told_apart_by_their_place(words_run: Path) -> None:
    run = open_run(words_run)
    both = ask(run, "[MASK] [MASK] wind blows.")
    assert both[0] != both[1]


def test_all_spellings_of_the_mask_ask_the_same(run: OpenRun) -> None:
    answers = [ask(run, f"The {mask} wind blows.") for mask in SPELLINGS]
    assert len(answers[0]) == 1
    assert all(answer == answers[0] for answer in answers)


def test_probabilities_fall_and_sum_to_one_over_the_whole_vocabulary(run: OpenRun) -> None:
    (guesses,) = ask(run, "The [MASK] wind blows.", top=10_000)
    probabilities = [guess.probability for guess in guesses]
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0 <= probabilities[-1] <= probabilities[0] <= 1
    assert sum(probabilities) == pytest.approx(1, abs=1e-4)


def test_special_tokens_are_never_proposed_and_every_other_token_is(run: OpenRun) -> None:
    tokenizer = run.objective.tokenizer
    with torch.no_grad():
        # Left alone, this model would propose nothing but special tokens.
        run.model.head.decode.bias[tokenizer.special_ids] = 100.0  # type: ignore[index, union-attr]
    (guesses,) = ask(run, "The [MASK] wind blows.", top=10_000)
    special = {tokenizer.token(number) for number in tokenizer.special_ids}
    assert special
    assert {guess.token for guess in guesses} == {tokenizer.token(n) for n in range(tokenizer.size)} - special


def test_a_trained_model_says_what_the_book_says(words_run: Path) -> None:
    (guesses,) = ask(open_run(words_run), "We wait for the spring [MASK]")
    assert guesses[0].token in {"wind", "the", "spring", "summer", "autumn", "winter", "we", "blows", "comes", "after"}
    assert guesses[0].probability > 2 / 300


def test_the_answer_does_not_depend_on_what_was_asked_before_or_on_chance(run: OpenRun) -> None:
    first = ask(run, "The [MASK] wind blows.")
    run.model.train()
    torch.manual_seed(1)
    ask(run, "[MASK]")
    assert ask(run, "The [MASK] wind blows.") == first


@pytest.mark.parametrize("text", ["no mask here", "", "MASK", "[ MASK ]"])
def test_a_text_without_a_mask_is_refused(run: OpenRun, text: str) -> None:
    with pytest.raises(UsageError, match=r"holds no mask; write \[MASK\]"):
        ask(run, text)


def test_at_least_one_guess_must_be_asked_for(run: OpenRun) -> None:
    with pytest.raises(UsageError, match="top = 0"):
        ask(run, "[MASK]", top=0)
