"""Entity spans and their scores, against examples worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.metrics.spans import Span, SpanScore, marks_spans, span_scores, spans, total

TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", []),
        ("O O", []),
        ("B-PER", [("PER", 0, 1)]),
        ("O B-PER I-PER O", [("PER", 1, 3)]),
        ("B-PER B-PER", [("PER", 0, 1), ("PER", 1, 2)]),
        ("B-PER I-PER B-PER I-PER", [("PER", 0, 2), ("PER", 2, 4)]),
        # Another type ends a span, whatever its mark.
        ("B-PER I-LOC", [("PER", 0, 1), ("LOC", 1, 2)]),
        ("B-PER I-LOC I-PER", [("PER", 0, 1), ("LOC", 1, 2), ("PER", 2, 3)]),
        # An I- that follows no tag of its type begins a span (conlleval).
        ("I-PER", [("PER", 0, 1)]),
        ("O I-PER I-PER O I-PER", [("PER", 1, 3), ("PER", 4, 5)]),
        # IOB1: B- only right behind a span of the same type.
        ("I-ORG I-ORG B-ORG O I-LOC", [("ORG", 0, 2), ("ORG", 2, 3), ("LOC", 4, 5)]),
        # A type may hold a hyphen.
        ("B-WORK-OF-ART I-WORK-OF-ART", [("WORK-OF-ART", 0, 2)]),
    ],
)
def test_spans_are_those_of_conlleval(tags: str, expected: list[tuple[str, int, int]]) -> None:
    assert spans(tags.split()) == [Span(*one) for one in expected]


def test_both_notations_mark_the_same_spans() -> None:
    assert spans(["B-LOC", "I-LOC", "O", "B-PER", "B-PER"]) == spans(["I-LOC", "I-LOC", "O", "I-PER", "B-PER"])


def test_a_worked_example() -> None:
    gold = ["B-PER", "I-PER", "O", "B-LOC", "O", "O", "B-ORG", "I-ORG", "I-ORG", "O", "B-PER"]
    said = ["B-PER", "I-PER", "O", "B-ORG", "O", "B-LOC", "B-ORG", "I-ORG", "O", "O", "B-PER"]
    # PER: both are right. LOC: one there, another one said. ORG: one there; two said, one of them elsewhere, one short.
    found = span_scores(gold, said)
    assert found == {"LOC": SpanScore(1, 1, 0), "ORG": SpanScore(1, 2, 0), "PER": SpanScore(2, 2, 2)}
    overall = total(found.values())
    assert overall == SpanScore(gold=4, predicted=5, right=2)
    assert (overall.precision, overall.recall) == (2 / 5, 2 / 4)
    assert overall.f1 == pytest.approx(2 * 0.4 * 0.5 / 0.9)
    assert found["PER"].f1 == 1


def test_a_span_is_right_as_a_whole_or_not_at_all() -> None:
    (found,) = span_scores(["B-PER", "I-PER", "I-PER"], ["B-PER", "I-PER", "O"]).values()
    assert (found.right, found.f1) == (0, 0)
    (found,) = span_scores(["B-PER", "I-PER"], ["B-PER", "B-PER"]).values()
    assert (found.gold, found.predicted, found.right) == (1, 2, 0)


def test_where_there_is_nothing_scores_are_zero_and_no_error() -> None:
    assert span_scores([], []) == {}
    nothing = total([])
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
    assert span_scores(["O"], ["B-PER"])["PER"] == SpanScore(0, 1, 0)
    assert span_scores(["B-PER"], ["O"])["PER"].recall == 0


def test_tags_of_different_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 tags, and 1 were said"):
        span_scores(["O", "O"], ["O"])


def test_no_span_goes_over_the_end_of_a_sentence() -> None:
    gold, said = ["O", "B-PER", "B-PER"], ["O", "B-PER", "I-PER"]
    assert span_scores(gold, said)["PER"] == SpanScore(gold=2, predicted=1, right=0)
    assert span_scores(gold, said, [3, 3, 7])["PER"] == SpanScore(gold=2, predicted=2, right=2)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("O B-PER I-PER", True), ("B-PER I-PER", True), ("O I-PER", True), ("O", False), ("", False),
        ("NOUN VERB", False), ("O B-PER NOUN", False), ("O B- I-", False), ("b-per O", False),
    ],
)  # fmt: skip
def test_a_set_of_tags_that_marks_spans_is_known(labels: str, expected: bool) -> None:
    assert marks_spans(labels.split()) is expected


@given(st.lists(st.sampled_from(TAGS)), st.lists(st.sampled_from(TAGS)))
def test_spans_cover_exactly_the_words_that_are_not_outside(tags: list[str], more: list[str]) -> None:
    found = spans(tags)
    covered = [place for span in found for place in range(span.start, span.end)]
    assert covered == [place for place, tag in enumerate(tags) if tag != "O"]
    assert all(tags[place][2:] == span.type for span in found for place in range(span.start, span.end))
    assert len(spans([*tags, "O", *more])) == len(found) + len(spans(more))
    assert all(score.f1 == 1 for score in span_scores(tags, tags).values())
