"""Where an encoder stands inside a larger one, and what its parameters are called there."""

import pytest
import torch

from tandem.nn.compiler import with_default_positions
from tandem.nn.encoder import Encoder
from tandem.nn.graft import Graft, grafted, rewritten
from tandem.nn.layout import Atom, parse

SMALL = ["lstm*2", "attention*2", "lstm > attention", "(attention | gru)[merge=gate]", "attention | lstm*2"]
LARGER = ["{}", "{} > cnn", "{} > attention > lstm", "{} | lstm", "({} > cnn | rnn)[merge=concat] > attention"]
IDS = torch.randint(1, 20, (3, 6), generator=torch.Generator().manual_seed(0))
MASK = torch.arange(6)[None, :] < torch.tensor([6, 2, 4])[:, None]


def made(tree: object, seed: int) -> Encoder:
    torch.manual_seed(seed)
    return Encoder(
        parse(str(tree)), vocabulary=20, width=8, sees="both", max_length=6, positions="learned"
    ).eval()  # fmt: skip


def found(larger: str, small: str, **options: bool) -> Graft | None:
    return grafted(parse(larger), parse(small), spellings=[parse(small)], **options)


@pytest.mark.parametrize("small", SMALL)
@pytest.mark.parametrize("larger", LARGER)
def test_the_larger_encoder_reads_what_the_smaller_one_gives(small: str, larger: str) -> None:
    inner = made(small, 0)
    graft = found(larger.format(f"({small})"), small, normed=inner.body.norm is not None)
    assert graft is not None
    outer = made(graft.tree, 1)
    own = dict(outer.named_parameters())
    with torch.no_grad():
        for name, weight in inner.named_parameters():
            inside = name.removeprefix("body.")
            ours = name if inside == name else f"body.{graft.renamed(inside, steps=len(inner.body.steps))}"
            own[ours].copy_(weight)
    # The part of the larger encoder that was taken over, run by itself.
    chain = outer.body.get_submodule(graft.path.rstrip(".")) if graft.path else outer.body
    hidden = outer.embedded(IDS)
    for step in chain.steps[: len(inner.body.steps) + (inner.body.norm is not None and graft.followed)]:
        hidden = step(hidden, MASK)
    if chain.norm is not None and not graft.followed:
        hidden = chain.norm(hidden)
    assert torch.equal(hidden[MASK], inner(IDS, MASK)[MASK])


@pytest.mark.parametrize(
    ("larger", "small"),
    [("gru", "lstm"), ("lstm*3", "lstm*2"), ("cnn > lstm", "lstm"), ("cnn > (lstm | gru)", "lstm"), ("lstm*2", "lstm"),
     ("attention[heads=2] > lstm", "attention"), ("attention | lstm | gru", "attention | lstm")],
)  # fmt: skip
def test_what_does_not_begin_with_it_does_not_hold_it(larger: str, small: str) -> None:
    assert found(larger, small) is None


def test_a_norm_that_was_at_the_end_is_written_once() -> None:
    assert str(found("attention > lstm", "attention", normed=True).tree) == "attention > norm > lstm"
    assert str(found("attention > norm > lstm", "attention", normed=True).tree) == "attention > norm > lstm"
    assert str(found("attention", "attention", normed=True).tree) == "attention"
    assert str(found("lstm > gru", "lstm").tree) == "lstm > gru"


@pytest.mark.parametrize("written", ["attention*2 | lstm", "positions[kind=learned] > norm > (attention*2 | lstm)"])
def test_a_stem_stands_in_front_of_all_branches_and_is_written_once(written: str) -> None:
    stem = tuple(parse("positions[kind=learned] > norm").parts)
    graft = grafted(parse(written), parse("attention*2"), spellings=[parse("attention*2")], stem=stem)
    assert str(graft.tree) == "positions[kind=learned] > norm > (attention*2 | lstm)"
    assert [graft.renamed(f"steps.{step}.weight", steps=4) for step in range(4)] == [
        "steps.0.weight", "steps.1.weight", "steps.2.branches.0.steps.0.weight", "steps.2.branches.0.steps.1.weight",
    ]  # fmt: skip


def test_another_spelling_of_it_is_replaced() -> None:
    inner = with_default_positions(parse("attention"), "rotary")
    graft = grafted(parse("attention > lstm"), inner, spellings=[inner, parse("attention")])
    assert str(graft.tree) == "positions[kind=rotary] > attention > lstm"


def test_every_atom_is_rewritten_where_it_stands() -> None:
    tree = parse("(a | b*2 > a)[merge=gate]")
    changed = rewritten(tree, lambda atom: Atom("c", atom.options, atom.at) if atom.name == "a" else atom)
    assert str(changed) == "(c | b*2 > c)[merge=gate]"
    assert str(rewritten(parse("a*2"), lambda _: parse("b*3"))) == "b*6"
