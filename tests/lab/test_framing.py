"""A model finds around a text what it found there in training."""

import pytest

from tandem.core.errors import DataError
from tandem.lab.framing import check_unicode
from tandem.objectives.base import Objective
from tandem.objectives.bilm import Bilm
from tandem.objectives.clm import Clm
from tandem.objectives.mlm import Mlm
from tandem.objectives.mlm_nsp import MlmNsp
from tandem.text.tokenizer import train_tokenizer

TOKENIZER = train_tokenizer(["a b"], kind="wordpiece", size=12)
CLS, SEP = TOKENIZER.cls_id, TOKENIZER.sep_id


@pytest.mark.parametrize(
    ("objective", "expected"), [(Mlm, [7, 8]), (Bilm, [7, 8]), (Clm, [CLS, 7, 8]), (MlmNsp, [CLS, 7, 8, SEP])]
)
def test_special_tokens_stand_where_they_stood_in_training(objective: type[Objective], expected: list[int]) -> None:
    assert objective(TOKENIZER).frame.around([7, 8]) == expected


def test_half_a_character_is_refused_by_its_place() -> None:
    check_unicode("caf\u00e9 \U0001f600")
    with pytest.raises(DataError, match="character 4 of the text"):
        check_unicode("caf\udce9")
