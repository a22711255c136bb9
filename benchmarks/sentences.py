"""How well sentences are found: against the boundaries of a treebank, and on the addresses of presidents.

    TANDEM_MIRROR=... python -m benchmarks.sentences
    python -m benchmarks.sentences --sample 100

The treebank (UD English EWT: blogs, mails, reviews, questions) gives words without the space between them, so a text is
first written from them by a fixed rule. Its prose is every run of sentences that begin with a capital, a digit or a
quotation mark and end with a mark; greetings, titles and signatures between them are found by no rule of punctuation,
and count only under "everything". Rules were chosen on the train split; the validation split reports. `--sample` prints
boundaries, and marks that end nothing, from the corpus sotu, to be read by a person.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tandem.core.errors import TandemError
from tandem.text.corpora.sotu import Sotu
from tandem.text.corpora.ud_english_ewt import UdEnglishEwt
from tandem.text.sentences import sentence_spans

CLOSING = re.compile(r"""[.!?,;:)\]}%\u2026\u201d]+|\u2019\u2019|['\u2019`](s|re|ve|ll|d|m)|n['\u2019]t""")
OPENING = re.compile(r"[(\[{$#\u00a3\u20ac\u201c\u2018]\u2019?|``")
QUOTES = ('"', "''")
ENDS_LIKE_PROSE = re.compile(r"""[.!?\u2026]["')\]\u2019\u201d]*$""")
BEGINS_LIKE_PROSE = re.compile(r"""["'(\[\u2018\u201c]|[^\W_]""")
MARK = re.compile(r"""[.!?\u2026]+["')\]\u2019\u201d]*(?=\s)""")
SEED = 1790
ROUNDS = 5
AROUND = 40


@dataclass(frozen=True)
class Score:
    """Boundaries between sentences: found rightly, found wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    def __str__(self) -> str:
        precision, recall = self.right / (self.right + self.wrong), self.right / (self.right + self.missed)
        return f"{self.right + self.missed:>8,}{precision:>11.3f}{recall:>8.3f}{self.f1:>7.3f}"

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed)


def main() -> None:
    """Measures, and prints a table or a sample."""
    options = _options()
    if options.sample:
        print(*sample(options.sample), sep="\n")
        return
    texts = _addresses()
    found, seconds = min((_timed(texts) for _ in range(ROUNDS)), key=lambda pair: pair[1])
    rate = sum(len(text.encode()) for text in texts) / 1e6 / seconds
    print(f"sotu: {found:,} sentences in {len(texts):,} paragraphs, {rate:.0f} MB/s on one core, best of {ROUNDS}")
    try:
        splits = {split: treebank(split) for split in ("train", "validation")}
    except TandemError as error:
        sys.exit(f"no treebank: {error}")
    print(f"{'UD EWT':<12}{'text':<12}{'borders':>8}{'precision':>11}{'recall':>8}{'F1':>7}")
    for split, sentences in splits.items():
        for name, runs in (("prose", prose(sentences)), ("everything", [sentences])):
            print(f"{split:<12}{name:<12}{score(runs)}")


def _timed(texts: list[str]) -> tuple[int, float]:
    """How many sentences `texts` have, and the seconds of a core that finding them takes."""
    started = time.process_time()
    return sum(len(sentence_spans(text)) for text in texts), time.process_time() - started


def treebank(split: str) -> list[str]:
    """The sentences of a split of UD English EWT, in the order of their documents."""
    return [written(row.cells["tokens"]) for row in UdEnglishEwt.table.rows(split)]


def written(tokens: Sequence[str]) -> str:
    """The text of a sentence: a space between words, none before closing and behind opening signs."""
    text = ""
    space = quoted = False
    for number, token in enumerate(tokens):
        if token in QUOTES:
            closes = quoted or number == len(tokens) - 1
            quoted = not quoted
        else:
            closes = CLOSING.fullmatch(token) is not None
        text += (" " if space and not closes else "") + token
        space = closes if token in QUOTES else OPENING.fullmatch(token) is None
    return text


def prose(sentences: list[str]) -> Iterator[list[str]]:
    """The runs of two and more sentences that begin and end as prose does."""
    run: list[str] = []
    for sentence in [*sentences, ""]:
        begins = BEGINS_LIKE_PROSE.match(sentence) and not sentence[0].islower()
        if begins and ENDS_LIKE_PROSE.search(sentence):
            run.append(sentence)
            continue
        if len(run) > 1:
            yield run
        run = []


def score(runs: Iterable[list[str]]) -> Score:
    """The boundaries found in each run, its sentences joined by spaces, against those that it has."""
    right = wrong = missed = 0
    for run in runs:
        text = " ".join(run)
        ends, at = set(), -1
        for sentence in run[:-1]:
            at += 1 + len(sentence)
            ends.add(at)
        found = {end for _, end in sentence_spans(text)} - {len(text)}
        right += len(ends & found)
        wrong += len(found - ends)
        missed += len(ends - found)
    return Score(right, wrong, missed)


def sample(number: int) -> list[str]:
    """So many boundaries inside paragraphs of sotu and so many marks that end no sentence, drawn by a fixed seed."""
    boundaries, others = [], []
    for text in _addresses():
        ends = {end for _, end in sentence_spans(text)}
        places = {mark.end() for mark in MARK.finditer(text)}
        boundaries += [(text, end) for end in sorted(ends - {len(text)})]
        others += [(text, end) for end in sorted(places - ends)]
    draw = random.Random(SEED)
    lines = []
    for title, found in (("boundaries", boundaries), ("no boundaries", others)):
        lines.append(f"{title}: {min(number, len(found))} of {len(found):,}")
        for text, at in draw.sample(found, min(number, len(found))):
            lines.append(f"{text[max(0, at - AROUND) : at]:>{AROUND}} | {text[at : at + AROUND].strip()}")
    return lines


def _addresses() -> list[str]:
    return [example.text for split in ("train", "validation", "test") for example in Sotu().examples(split)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sentences", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sample", type=int, metavar="N", help="print N boundaries of sotu, and N marks that are none")
    options = parser.parse_args()
    if options.sample is not None and options.sample < 1:
        parser.error("--sample: at least 1")
    return options


if __name__ == "__main__":
    main()
