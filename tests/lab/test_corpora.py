"""Which corpora there are, where they would come from, and which one a person means."""

import re
from pathlib import Path

import pytest
from running import python, written

from tandem.core import parts
from tandem.core.errors import DataError, UsageError
from tandem.lab.corpora import CORPORA, listed, open_corpus, place_of, recipe_for
from tandem.text.corpora.amazon_polarity import AmazonPolarity
from tandem.text.corpora.base import Corpus
from tandem.text.corpora.blimp import Blimp
from tandem.text.corpora.file import File
from tandem.text.corpora.sotu import Sotu
from tandem.text.hub import MIRROR


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a mirror and with an empty cache of the hub, in an empty folder."""
    for name in (MIRROR, "HF_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_corpus_is_listed_with_its_kind_rows_and_licence(bare: Path) -> None:
    found = {corpus.name: corpus for corpus in listed()}
    assert list(found) == parts.names(CORPORA)
    assert all(corpus.kind and corpus.licence and corpus.place for corpus in found.values())
    assert (found["amazon-polarity"].rows, found["amazon-polarity"].kind) == (456_941, "label")
    assert (found["sotu"].rows, found["sotu"].place) == (0, "package")
    assert (found["file"].kind, found["file"].place) == ("any", "file")


def test_public_data_comes_from_the_hub_its_cache_or_the_mirror(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place_of(AmazonPolarity) == "hub"
    kept = bare / "cache/huggingface/hub/datasets--Siki-77--amazon6_polarity"
    snapshot = kept / "snapshots/0a1b/default/train"
    snapshot.mkdir(parents=True)
    (kept / "refs/refs/convert").mkdir(parents=True)
    (kept / "refs/refs/convert/parquet").write_text("0a1b")
    assert place_of(AmazonPolarity) == "hub"
    (snapshot / "0000.parquet").touch()
    assert place_of(AmazonPolarity) == "cache"
    monkeypatch.setenv(MIRROR, str(bare / "mirror"))
    assert place_of(AmazonPolarity) == "not in the mirror"
    (bare / "mirror/Siki-77/amazon6_polarity/data").mkdir(parents=True)
    assert place_of(AmazonPolarity) == "mirror"


def test_minimal_pairs_are_there_whatever_their_paradigms(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, str(bare / "mirror"))
    assert place_of(Blimp) == "not in the mirror"
    (bare / "mirror/nyu-mll/blimp/adjunct_island").mkdir(parents=True)
    assert place_of(Blimp) == "mirror"


def test_listing_loads_no_library_of_tensors_or_data_sets_and_opens_no_socket(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "sys.addaudithook(lambda event, _: sys.exit(event) if event.startswith('socket.') else None)\n"
        "from tandem.lab.corpora import listed\n"
        "assert len(listed()) > 2\n"
        "print({'torch', 'datasets', 'huggingface_hub', 'pyarrow', 'tokenizers'} & set(sys.modules))\n"
    )
    done = python(program, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr


def opened(text: str, *overrides: str, **columns: str) -> Corpus:
    return open_corpus(recipe_for(text, overrides=list(overrides), columns=columns)).corpus


def test_a_name_means_a_corpus_and_a_path_the_users_own_text(bare: Path, book: Path) -> None:
    assert isinstance(opened("sotu"), Sotu)
    (bare / "texts").mkdir()
    (bare / "texts/one.txt").write_bytes(book.read_bytes())
    (bare / "sotu").mkdir()
    for text in ("texts", "texts/one.txt", str(book)):
        assert isinstance(opened(text), File)
    assert isinstance(opened("sotu"), Sotu)


def test_options_come_from_overrides_and_columns(bare: Path) -> None:
    recipe = recipe_for("amazon-polarity", overrides=["corpus.limit=7", "tokenizer.kind=bpe"], columns={})
    found = open_corpus(recipe)
    assert (found.name, found.options) == ("amazon-polarity", {"limit": 7})
    assert recipe.tokenizer.kind == "bpe"
    with pytest.raises(UsageError, match=r'corpus amazon-polarity: unknown option "label" .*limit'):
        opened("amazon-polarity", label="stars")
    with pytest.raises(UsageError, match=r'unknown option "limt"; did you mean "limit"'):
        opened("amazon-polarity", "corpus.limt=7")


def test_a_recipe_means_its_corpus_or_that_of_its_task(bare: Path, book: Path) -> None:
    path = written(bare / "mine.toml", book)
    assert isinstance(opened(str(path)), File)
    (bare / "short.toml").write_text('encoder = "lstm"\nbudget = {steps = 1}\n')
    assert isinstance(opened("short.toml"), Sotu)
    with pytest.raises(UsageError, match="no such recipe"):
        opened("none.toml")


def test_what_is_neither_is_answered_with_the_nearest_name(bare: Path) -> None:
    with pytest.raises(UsageError, match=r'unknown corpus "soto"; did you mean "sotu"\?.*nor is there a file'):
        opened("soto")
    for path in ("none/of.txt", "reviws.csv"):
        with pytest.raises(DataError, match=f"^{re.escape(path)} does not exist"):
            opened(path)
