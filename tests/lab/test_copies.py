"""Rows that occur twice, nearly twice, or with two targets."""

import random

from made_rows import counts, rows_of

from tandem.lab.data_checks.copies import copies, disagreements, near_copies, shared_first_texts


def sentences(seed: int, number: int) -> list[str]:
    """Different texts of forty words that share next to nothing."""
    chosen = random.Random(seed)
    return [" ".join(f"w{chosen.randrange(3000)}" for _ in range(40)) for _ in range(number)]


def test_copies_within_and_across_splits_are_counted_and_named() -> None:
    rows = rows_of(
        "label",
        train=[("a", "x"), ("b", "x"), ("a", "x"), ("a", "y")],
        validation=[("b", "x"), ("c", "x")],
        test=[("c", "x"), ("a", "x"), ("d", "x"), ("d", "x")],
    )
    findings = copies(rows)
    assert [(finding.title, finding.count, finding.total) for finding in findings] == [
        ("rows of train that repeat an earlier row of it", 2, 4),
        ("rows of validation that are in train too, letter for letter", 1, 2),
        ("rows of test that repeat an earlier row of it", 1, 4),
        ("rows of test that are in train too, letter for letter", 1, 4),
        ("rows of test that are in validation too, letter for letter", 1, 4),
    ]
    (shown, _) = findings[0].shown
    assert (shown.split, shown.row, shown.document, shown.text, shown.note) == ("train", 2, "train-2", "a", "as row 0")
    assert findings[3].shown[0].note == "as train row 0"
    assert findings[4].shown[0].note == "as validation row 1"


def test_pairs_are_copies_only_where_both_texts_are() -> None:
    rows = rows_of("pair", train=[("a", "b", "x"), ("a", "c", "x"), ("a", "b", "x")], test=[("a", "d", "x")])
    assert [finding.count for finding in copies(rows)] == [1]


def test_three_rows_are_shown_of_many() -> None:
    (finding,) = copies(rows_of("text", train=["a"] * 10))
    assert (finding.count, [shown.row for shown in finding.shown]) == (9, [1, 2, 3])


def test_what_occurs_once_is_no_finding() -> None:
    rows = rows_of("text", train=["a", "b"], validation=["c"], test=["A"])
    assert copies(rows) == []


def test_a_text_with_two_targets_is_found_in_any_split() -> None:
    rows = rows_of(
        "label", train=[("a", "x"), ("b", "x"), ("a", "y"), ("c", None)], test=[("b", "y"), ("c", "x"), ("a", "x")]
    )
    (finding,) = disagreements(rows)
    assert (finding.count, finding.total) == (2, 6)
    assert [(shown.split, shown.row, shown.note) for shown in finding.shown] == [
        ("train", 2, "y, and x in train row 0"), ("test", 0, "y, and x in train row 1"),
    ]  # fmt: skip


def test_scores_and_tags_that_differ_are_written_out() -> None:
    rows = rows_of("tags", train=[("a b", ("N", "V")), ("a b", ("N", "N"))])
    assert disagreements(rows)[0].shown[0].note == "N-N, and N-V in train row 0"
    rows = rows_of("score", train=[("a", "b", 0.1 + 0.2), ("a", "b", 1.0)])
    assert disagreements(rows)[0].shown[0].note == "1, and 0.3 in train row 0"


def test_rows_that_nearly_repeat_train_are_found_and_others_not() -> None:
    train = sentences(0, 300)
    slightly = [" ".join([*text.split()[:-2], "altogether", "new"]) for text in train[:20]]
    in_letters = [text.upper() + "!" for text in train[20:25]]
    half = [" ".join([*text.split()[:20], *sentences(number, 1)[0].split()[:20]]) for number, text in enumerate(train)]
    rows = rows_of(
        "text", train=train, validation=sentences(1, 50), test=[*slightly, *in_letters, *train[30:37], *half]
    )
    (finding,) = near_copies(rows)
    assert (finding.title, finding.count, finding.total) == ("rows of test that nearly repeat a row of train", 25, 332)
    assert finding.shown[0].note == "90 % as train row 0"
    assert "training has seen 32 of test;" in finding.advice


def test_near_copies_without_train_or_without_held_out_rows_are_none() -> None:
    assert near_copies(rows_of("contrast", test=[("a b c", "a b d", None)])) == []
    assert near_copies(rows_of("text", train=["a b c"])) == []


def test_a_first_text_on_both_sides_is_found_unless_the_pair_is_a_copy() -> None:
    train = [("a", "b", "x"), ("c", "d", "x")]
    rows = rows_of("pair", train=train, test=[("a", "e", "x"), ("a", "b", "x"), ("d", "c", "x")])
    (finding,) = shared_first_texts(rows)
    assert (finding.count, finding.shown[0].row, finding.shown[0].note) == (1, 0, "as train row 0")
    assert counts(shared_first_texts(rows_of("contrast", train=train, test=[("a", "e", None)]))) == {}
