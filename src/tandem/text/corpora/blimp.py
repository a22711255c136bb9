"""Minimal pairs of English grammar."""

from collections.abc import Iterator
from dataclasses import replace

from tandem.core.errors import DataError, unknown
from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import PublicTable

PARADIGMS = (
    "adjunct_island", "anaphor_gender_agreement", "anaphor_number_agreement", "animate_subject_passive",
    "animate_subject_trans", "causative", "complex_NP_island", "coordinate_structure_constraint_complex_left_branch",
    "coordinate_structure_constraint_object_extraction", "determiner_noun_agreement_1", "determiner_noun_agreement_2",
    "determiner_noun_agreement_irregular_1", "determiner_noun_agreement_irregular_2",
    "determiner_noun_agreement_with_adj_2", "determiner_noun_agreement_with_adj_irregular_1",
    "determiner_noun_agreement_with_adj_irregular_2", "determiner_noun_agreement_with_adjective_1",
    "distractor_agreement_relational_noun", "distractor_agreement_relative_clause", "drop_argument",
    "ellipsis_n_bar_1", "ellipsis_n_bar_2", "existential_there_object_raising", "existential_there_quantifiers_1",
    "existential_there_quantifiers_2", "existential_there_subject_raising", "expletive_it_object_raising", "inchoative",
    "intransitive", "irregular_past_participle_adjectives", "irregular_past_participle_verbs",
    "irregular_plural_subject_verb_agreement_1", "irregular_plural_subject_verb_agreement_2",
    "left_branch_island_echo_question", "left_branch_island_simple_question", "matrix_question_npi_licensor_present",
    "npi_present_1", "npi_present_2", "only_npi_licensor_present", "only_npi_scope", "passive_1", "passive_2",
    "principle_A_c_command", "principle_A_case_1", "principle_A_case_2", "principle_A_domain_1", "principle_A_domain_2",
    "principle_A_domain_3", "principle_A_reconstruction", "regular_plural_subject_verb_agreement_1",
    "regular_plural_subject_verb_agreement_2", "sentential_negation_npi_licensor_present",
    "sentential_negation_npi_scope", "sentential_subject_island", "superlative_quantifiers_1",
    "superlative_quantifiers_2", "tough_vs_raising_1", "tough_vs_raising_2", "transitive", "wh_island",
    "wh_questions_object_gap", "wh_questions_subject_gap", "wh_questions_subject_gap_long_distance",
    "wh_vs_that_no_gap", "wh_vs_that_no_gap_long_distance", "wh_vs_that_with_gap", "wh_vs_that_with_gap_long_distance",
)  # fmt: skip


class Blimp(Corpus):
    """A good sentence, and a bad one that differs in one point; 1,000 pairs for each of 67 such points.

    All of it tests; the train and validation splits are empty. `paradigm` takes one point; `all` takes what there is,
    which in a mirror may be fewer. A document is a paradigm.
    """

    title = "Benchmark of Linguistic Minimal Pairs"
    licence = "CC BY 4.0"
    citation = "Warstadt, Parrish, Liu, Mohananey, Peng, Wang and Bowman 2020, BLiMP"
    source = "hub"
    identifier = "nyu-mll/blimp"
    rows = {"train": 67_000}
    kind = "contrast"
    # All paradigms; each of them is a folder with a table of its own.
    table = PublicTable(identifier, Columns("sentence_good", second="sentence_bad"), folder=".")

    def __init__(self, *, paradigm: str = "all") -> None:
        if paradigm not in ("all", *PARADIGMS):
            raise unknown("paradigm", paradigm, ("all", *PARADIGMS), "corpus blimp")
        self.paradigm = paradigm

    def fingerprint(self) -> str:
        return ";".join(table.identity() for table in self._tables())

    def examples(self, split: str) -> Iterator[Example]:
        for table in self._tables() if split == "test" else ():
            assert table.config
            for row in table.rows("train"):
                if example := table.columns.example(row.cells, where=row.place, document=table.config):
                    yield example

    def notes(self) -> list[str]:
        return [f"{len(self._tables())} of {len(PARADIGMS)} paradigms are read; all of their pairs test"]

    def _tables(self) -> list[PublicTable]:
        tables = [replace(self.table, config=paradigm, folder=None) for paradigm in PARADIGMS]
        if self.paradigm != "all":
            return [table for table in tables if table.config == self.paradigm]
        found = [table for table in tables if table.where()]
        if not found:
            raise DataError(f"{self.identifier}: none of its {len(PARADIGMS)} paradigms is in the mirror")
        return found
