"""Free texts get tags as the texts of a corpus do, in pieces too, and names are found in them."""

from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from toys import random_model

from tandem.core.errors import DataError, UsageError
from tandem.data.rows import Rows, filled, padded
from tandem.lab.tag import TaggedText, tag
from tandem.lab.tag_files import write_table, written_as_lines
from tandem.nn.model import Model
from tandem.objectives.mlm import Mlm
from tandem.objectives.tag import Tag
from tandem.text.tokenizer import train_tokenizer

ENTITIES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
PIECES = train_tokenizer(["low lower lowest new newer wide ( ) . , the"] * 4, kind="wordpiece", size=40)
WORDS = train_tokenizer(["Mr Hyde went to Rio today"] * 2, kind="words", size=20, cased=True)


def tags_of(text: TaggedText) -> list[str | None]:
    return [word.tag for word in text.words]


def told_by_word(of: Tag, tags: dict[str, str]) -> Model:
    """A model that gives each word the tag named for it, by weights set by hand."""
    model = random_model(of, "positions[kind=none]", width=of.tokenizer.size).double()
    table = torch.full((of.tokenizer.size, len(of.labels)), -20.0, dtype=torch.float64)
    table[:, 0] = 0.0
    for word, name in tags.items():
        (token,) = of.tokenizer.encode(word)
        table[token, of.labels.index(name)] = 20.0
    with torch.no_grad():
        model.encoder.embedding.weight.copy_(torch.eye(of.tokenizer.size))
        model.head.tags.weight.copy_(table.T)  # type: ignore[union-attr]
        model.head.tags.bias.zero_()  # type: ignore[union-attr]
    return model


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("characters", [0, 6])
def test_a_text_gets_the_tags_that_its_words_have_in_a_corpus(characters: int, framed: bool) -> None:
    objective = Tag(PIECES, ("x", "y", "z"), characters=characters, framed=framed)
    model = random_model(objective, "lstm | attention").eval()
    found = tag(model, objective, "The lowest, newer (wide).")
    assert [word.text for word in found.words] == ["The", "lowest", ",", "newer", "(", "wide", ")", "."]
    assert all(found.text[word.start : word.end] == word.text for word in found.words)
    assert (found.pieces, found.entities) == (1, None)
    # What a corpus would hold: the same words between single spaces.
    encoded = [PIECES.encode(word.text) for word in found.words]
    assert any(len(ids) > 1 for ids in encoded)
    before, behind = ([PIECES.cls_id], [PIECES.sep_id]) if framed else ([], [])
    rows = padded([[*before, *chain(*encoded), *behind]])
    marks = filled([[*[-1] * framed, *chain(*([0, *[-1] * (len(ids) - 1)] for ids in encoded)), *[-1] * framed]], -1)
    batch = objective.collate(Rows(rows.ids, rows.mask, rows.sequences, tags=marks), key=0)
    scores = objective.tag_scores(model.head, model.encoder(batch.ids, batch.mask), batch)
    assert tags_of(found) == [objective.labels[number] for number in scores.argmax(dim=-1)]
    expected = scores.softmax(dim=-1).amax(dim=-1).detach().numpy()
    np.testing.assert_allclose([word.probability for word in found.words], expected, rtol=1e-5)


def test_a_long_text_is_read_in_pieces_of_whole_words() -> None:
    objective = Tag(PIECES, ("x", "y", "z"))
    model = random_model(objective, "lstm").eval()
    text = "lowest newer wide the lower low . , new"
    whole = tag(model, objective, text)
    counts = [len(PIECES.encode(word.text)) for word in whole.words]
    for length in (1, 3, 5):
        found = tag(model, objective, text, length=length)
        pieces: list[list[str]] = []
        room = 0
        for word, count in zip(whole.words, counts, strict=True):
            if count > room:
                pieces.append([])
                room = length
            pieces[-1].append(word.text)
            room -= count
        assert found.pieces == len(pieces)
        # Of a word that is longer than a piece the first tokens are read.
        if max(counts) <= length:
            alone = [one for piece in pieces for one in tags_of(tag(model, objective, " ".join(piece)))]
            assert tags_of(found) == alone
        assert None not in tags_of(found)


def test_a_frame_takes_room_in_every_piece() -> None:
    text = "lowest newer wide the lower low . , new"
    bare, framed = (Tag(PIECES, ("x", "y"), framed=framed) for framed in (False, True))
    pieces = [tag(random_model(one, "lstm"), one, text, length=n).pieces for one, n in ((bare, 5), (framed, 7))]
    assert pieces[0] == pieces[1] > 1


def test_names_have_their_characters_their_type_and_the_smallest_probability_of_their_words() -> None:
    objective = Tag(WORDS, ENTITIES)
    model = told_by_word(objective, {"Mr": "B-PER", "Hyde": "I-PER", "Rio": "I-LOC"})
    found = tag(model, objective, "Mr. Hyde went to Rio!")
    assert found.entities is not None
    assert [(one.type, one.text, one.start, one.end) for one in found.entities] == [
        ("PER", "Mr. Hyde", 0, 8), ("LOC", "Rio", 17, 20),
    ]  # fmt: skip
    inside = [word.probability for word in found.words[:2]]
    assert found.entities[0].probability == min(filter(None, inside))
    # This tokenizer drops the mark: it gets no tag, and does not end a name.
    assert (found.words[-1].text, found.words[-1].tag, found.words[-1].probability) == ("!", None, None)


@pytest.mark.parametrize("text", ["", "  \t", "...", "!"])
def test_a_text_without_words_or_tokens_gets_no_tags(text: str) -> None:
    objective = Tag(WORDS, ENTITIES)
    found = tag(told_by_word(objective, {}), objective, text)
    assert (found.pieces, found.entities) == (0, [])
    assert all(word.tag is None for word in found.words)


def test_a_model_of_another_task_and_half_a_character_are_refused() -> None:
    objective = Mlm(PIECES)
    with pytest.raises(UsageError, match="a model trained for mlm tags no words"):
        tag(random_model(objective, "lstm"), objective, "low")
    tagger = Tag(PIECES, ("x", "y"))
    with pytest.raises(DataError, match="character 2 of the text is half of one"):
        tag(random_model(tagger, "lstm"), tagger, "a\ud83d")


def test_what_fails_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    objective = Tag(WORDS, ENTITIES)
    model = told_by_word(objective, {})
    texts = (tag(model, objective, text) for text in ("Rio", "\ud83d"))
    with pytest.raises(DataError):
        write_table(tmp_path / "tags.csv", written_as_lines(tmp_path / "tags.jsonl", texts))
    assert list(tmp_path.iterdir()) == []
