"""The tokenizer of a run as transformers has them."""

import tokenizers
from tokenizers import processors
from transformers import PreTrainedTokenizerFast

from tandem.objectives.base import Objective
from tandem.text.tokenizers.tokens import CLS, PAD, SEP, UNKNOWN


def fast_tokenizer(objective: Objective, *, length: int) -> PreTrainedTokenizerFast:
    """The same ids, with the special tokens that models of `objective` find around a text.

    Padding stands behind the text. `truncation=True` cuts it after `length` tokens, special ones included. Where a text
    itself says [SEP], [CLS] or [PAD], transformers reads the special token, and a run reads text.
    """
    own, frame = objective.tokenizer, objective.frame
    inner = tokenizers.Tokenizer.from_str(own.to_json())
    there = {own.token(number): number for number in own.special_ids}
    special = {
        "pad_token": PAD,
        "mask_token": own.mask_token,
        "unk_token": UNKNOWN if UNKNOWN in there else None,
        "cls_token": CLS if CLS in there else None,
        "sep_token": SEP if SEP in there else None,
    }
    if objective.asks == "next":
        special |= {"bos_token": CLS, "eos_token": SEP}
    if frame.before or frame.behind:
        before, behind = ([own.token(number) for number in ids] for ids in (frame.before, frame.behind))
        second = ["$B:1", *(f"{token}:1" for token in behind)]
        inner.post_processor = processors.TemplateProcessing(
            single=[*before, "$A", *behind],
            pair=[*before, "$A", *behind, *second],
            special_tokens=[(token, there[token]) for token in {*before, *behind}],
        )
    reads = ["input_ids", "attention_mask", *(["token_type_ids"] if objective.segments else [])]
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        model_max_length=length,
        model_input_names=reads,
        padding_side="right",
        truncation_side="right",
        clean_up_tokenization_spaces=False,
        **{name: token for name, token in special.items() if token is not None},
    )
