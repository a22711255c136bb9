"""What mechanisms give alone and together."""

from pathlib import Path

import pytest
from running import tiny, trained

from tandem.lab.evaluate import Scores, evaluate
from tandem.lab.folder import open_run
from tandem.lab.shares import Knocked, knock_outs, shares
from tandem.nn.knock_out import without


def knocked(*losses: float) -> list[Knocked]:
    dropped = [(), ("attention",), ("lstm",), ("attention", "lstm")]
    return [Knocked(who, Scores(loss, 1 - loss / 10, 9.0, 0.0, 5)) for who, loss in zip(dropped, losses, strict=True)]


def test_three_shares_add_up_to_what_both_bring() -> None:
    # Nothing 7, LSTM alone 5, attention alone 6, both 2: 2 and 1 alone, and 2 more that only both give.
    attention, lstm, together, both = shares(knocked(2.0, 5.0, 6.0, 7.0))
    assert [part.of for part in (attention, lstm, together, both)] == [
        "attention alone", "lstm alone", "only together", "attention and lstm",
    ]  # fmt: skip
    assert [part.loss for part in (attention, lstm, together, both)] == pytest.approx([1.0, 2.0, 2.0, 5.0])
    assert [part.accuracy for part in (attention, lstm, together)] == pytest.approx([0.1, 0.2, 0.2])


def test_what_either_can_do_is_a_negative_share_of_both() -> None:
    assert shares(knocked(2.0, 2.5, 2.5, 7.0))[2].loss == pytest.approx(5 - 2 * 4.5)


def test_a_finished_run_is_scored_without_each_and_stays_as_it_is(words_run: Path) -> None:
    run = open_run(words_run)
    found = knock_outs(run, run.store(), split="validation")
    assert [one.dropped for one in found] == [(), ("attention",), ("lstm",), ("attention", "lstm")]
    whole = evaluate(run.model, run.objective, run.store(), run.recipe, split="validation")
    assert found[0].scores == whole
    with without(run.model.encoder, ["lstm"]):
        assert evaluate(run.model, run.objective, run.store(), run.recipe, split="validation") == found[2].scores
    assert found[3].scores.loss > whole.loss


def test_one_mechanism_has_no_shares(book: Path, tmp_path: Path) -> None:
    run = open_run(trained(tiny(book, encoder="gru*2"), tmp_path / "run"))
    found = knock_outs(run, run.store(), split="test")
    assert [one.dropped for one in found] == [(), ("gru",)]
    assert shares(found) == []
