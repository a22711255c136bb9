import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.core.errors import UsageError
from tandem.nn.compiler import mixer_class
from tandem.nn.layout import MAX_DEPTH, MAX_REPEAT, MERGES, Atom, Node, Parallel, Repeat, Series, atoms, parse

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,5}", fullmatch=True)
WORDS = NAMES.filter(lambda name: name not in ("true", "false", "none"))
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS
OPTIONS = st.lists(st.tuples(NAMES, VALUES), max_size=3, unique_by=lambda pair: pair[0]).map(tuple)


def larger(plans: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(plans, min_size=2, max_size=3)
    single = plans.filter(lambda plan: plan[0] is not Repeat)
    return (
        st.tuples(st.just(Repeat), single, st.integers(1, MAX_REPEAT))
        | st.tuples(st.just(Series), several)
        | st.tuples(st.just(Parallel), several, st.sampled_from([None, *MERGES]))
    )


# Plans of trees, not trees: beartype draws random numbers in constructors, which strategies must not do.
PLANS = st.recursive(st.tuples(st.just(Atom), NAMES, OPTIONS), larger, max_leaves=12)


def grown(plan: Any) -> Node:
    kind, first, *rest = plan
    if kind is Repeat:
        return Repeat(grown(first), *rest)
    return Atom(first, *rest) if kind is Atom else kind(tuple(map(grown, first)), *rest)


PIECES = [
    "lstm",
    "attention",
    "a-b",
    "true",
    "|",
    ">",
    "*",
    "(",
    ")",
    "[",
    "]",
    "=",
    ",",
    "2",
    "-1",
    "1.5e3",
    " ",
    "é",
    ".",
]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("lstm", Atom("lstm")),
        ("lstm*2", Repeat(Atom("lstm"), 2)),
        ("a > b*3 > c", Series((Atom("a"), Repeat(Atom("b"), 3), Atom("c")))),
        ("a*4 | b*2", Parallel((Repeat(Atom("a"), 4), Repeat(Atom("b"), 2)))),
        ("a > b | c", Parallel((Series((Atom("a"), Atom("b"))), Atom("c")))),
        ("a > (b | c)", Series((Atom("a"), Parallel((Atom("b"), Atom("c")))))),
        ("(a > b)*3", Repeat(Series((Atom("a"), Atom("b"))), 3)),
        ("((a))", Atom("a")),
        ("(a | b)[merge=gate]*2 > c", Series((Repeat(Parallel((Atom("a"), Atom("b")), "gate"), 2), Atom("c")))),
        ("a[window=16]*4", Repeat(Atom("a", (("window", 16),)), 4)),
        ("a[k=none,l=true,m=-2,n=.5,o=1e-3,p=x-y]",
         Atom("a", (("k", None), ("l", True), ("m", -2), ("n", 0.5), ("o", 0.001), ("p", "x-y")))),
        ("  a>b|\n c\t", Parallel((Series((Atom("a"), Atom("b"))), Atom("c")))),
    ],
)  # fmt: skip
def test_an_expression_means_its_tree(text: str, tree: Node) -> None:
    assert parse(text) == tree


@settings(deadline=None, max_examples=120)
@given(PLANS)
def test_a_tree_prints_as_an_expression_of_itself(plan: Any) -> None:
    tree = grown(plan)
    # Trees compare 1, 1.0 and true as equal; their texts do not.
    assert (parse(str(tree)), str(parse(str(tree)))) == (tree, str(tree))


@pytest.mark.parametrize(
    "text", ["attention*4 | lstm*2", "lstm > attention*4", "(lstm > attention)*3", "attention[window=16]*4",
             "positions[kind=sinusoid] > attention*4 | lstm*2", "(attention*2 | lstm)[merge=concat] > gru"]
)  # fmt: skip
def test_an_expression_in_house_style_prints_as_it_was_written(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 1, "the expression ends too early; legal: a name or ("),
        ("lstm | ", 7, "the expression ends too early; legal: a name or ("),
        ("lstm attention", 6, 'unexpected "attention"; legal: | > * or the end'),
        ("lstm)", 5, 'unexpected ")"; legal: | > * or the end'),
        ("| lstm", 1, 'unexpected "|"; legal: a name or ('),
        ("(lstm", 6, "the expression ends too early; legal: | > * or )"),
        ("lstm ; gru", 6, '";" has no meaning here; legal: a name, a number or one of'),
        ("lstm*0", 6, f'unexpected "0"; legal: a whole number from 1 to {MAX_REPEAT} after *'),
        ("lstm*1001", 6, f'unexpected "1001"; legal: a whole number from 1 to {MAX_REPEAT} after *'),
        ("lstm*1.5", 6, 'unexpected "1.5"'),
        ("lstm*-1", 6, 'unexpected "-1"'),
        ("lstm*two", 6, 'unexpected "two"'),
        ("(lstm*2)*3", 10, "a repetition of a repetition; legal: one number: lstm*6"),
        ("lstm[]", 6, 'unexpected "]"; legal: the name of an option'),
        ("lstm[a 1]", 8, 'unexpected "1"; legal: ='),
        ("lstm[a=]", 8, 'unexpected "]"; legal: a value: a name or a number'),
        ("lstm[a=1 b=2]", 10, 'unexpected "b"; legal: , or ]'),
        ("lstm[a=1,a=2]", 10, 'option "a" is written twice; legal: each option once'),
        ("(lstm)[merge=sum]", 7, "a group takes one option, for the branches in it; legal: [merge=sum|gate|concat]"),
        ("(a | b)[merge=mean]", 8, "a group takes one option"),
        ("(a | b)[mix=sum]", 8, "a group takes one option"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), MAX_DEPTH + 2, f"legal: at most {MAX_DEPTH} brackets"),
    ],
)
def test_a_mistake_is_told_with_its_position_and_what_is_legal_there(text: str, position: int, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert str(caught.value).startswith(f'encoder "{text}", position {position}: ')
    assert message in str(caught.value)


def test_brackets_may_nest_as_deep_as_is_said() -> None:
    assert parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == Atom("a")
    assert parse(" > ".join(["(a)"] * (MAX_DEPTH + 1)))


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=30) | st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_text_is_a_tree_or_a_usage_error(text: str) -> None:
    try:
        tree = parse(text)
    except UsageError:
        return
    assert parse(str(tree)) == tree


@pytest.mark.parametrize("text", ["lstm*" + "9" * 5000, "lstm[a=" + "9" * 5000 + "]", "lstm[a=1e999]"])
def test_a_number_too_long_or_too_large_to_be_one_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


def test_the_single_number_offered_for_a_repeated_repetition_means_the_same() -> None:
    with pytest.raises(UsageError, match=re.escape("one number: (a > b)*6")):
        parse("((a > b)*2)*3")


def test_atoms_come_from_left_to_right_with_their_places() -> None:
    found = list(atoms(parse("(a > b)*2 | c[k=1] > (d | e)[merge=sum]")))
    assert [(atom.name, atom.at) for atom in found] == [("a", 1), ("b", 5), ("c", 12), ("d", 22), ("e", 26)]


@pytest.mark.parametrize(
    ("text", "message"),
    [("lstm > gruu", 'position 8: unknown mixer "gruu"; did you mean "gru"? (legal: '),
     ("lstm > Attention", 'position 8: unknown mixer "Attention"; did you mean "attention"?'),
     ("lstm > position", 'position 8: unknown mixer "position"; did you mean "positions"?')],
)  # fmt: skip
def test_an_unknown_mixer_is_told_with_its_place_and_the_nearest_name(text: str, message: str) -> None:
    tree: Any = parse(text)
    assert mixer_class(tree.parts[0]).__name__ == "Lstm"
    with pytest.raises(UsageError) as caught:
        mixer_class(tree.parts[1])
    assert message in str(caught.value)
