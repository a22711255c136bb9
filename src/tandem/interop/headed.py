"""Models with the head of an objective: for masks, for whole texts, and for single tokens."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers.modeling_outputs import MaskedLMOutput, SequenceClassifierOutput, TokenClassifierOutput

from tandem.core.shapes import Hidden
from tandem.interop.config import TandemConfig, objective_of
from tandem.interop.pretrained import TandemModel, TandemPreTrainedModel
from tandem.nn.heads import PretrainingHead, VocabularyHead
from tandem.nn.pair_heads import CrossHead, Scale


class TandemHeaded(TandemPreTrainedModel):
    """An encoder and the head of one of `objectives`.

    The objective is that of the config where this class has a use for it; else the first, with its defaults, so that an
    encoder can be fine-tuned for something else.
    """

    objectives: ClassVar[tuple[str, ...]]

    def __init__(self, config: TandemConfig) -> None:
        super().__init__(config)
        self.tandem = TandemModel(config)
        known = config.objective in self.objectives
        name = config.objective if known else self.objectives[0]
        # A score has no classes; transformers counts it as one.
        numbers = range(0 if config.problem_type == "regression" else config.num_labels)
        labels = [config.id2label[number] for number in numbers]
        self.objective = objective_of(name, config.objective_options if known else {}, labels)
        self.head = self.objective.head_for(self.tandem.encoder, epsilon=config.epsilon)
        self._settle()

    def scored(self, hidden: Hidden) -> Tensor:
        """Scores over the vocabulary at every position, (B, T, D) to (B, T, V)."""
        scores: Tensor = self.head(hidden.flatten(0, 1)).unflatten(0, hidden.shape[:2])
        return scores

    def get_output_embeddings(self) -> nn.Linear | None:
        """The layer that scores the vocabulary, if there is one."""
        head = self._vocabulary_head()
        return None if head is None else head.decode

    def set_output_embeddings(self, value: nn.Linear) -> None:
        """Another layer in its place."""
        head = self._vocabulary_head()
        assert head is not None
        head.decode = value

    def _vocabulary_head(self) -> VocabularyHead | None:
        head = self.head.tokens if isinstance(self.head, PretrainingHead) else self.head
        return head if isinstance(head, VocabularyHead) else None


class TandemForMaskedLM(TandemHeaded):
    """Scores over the vocabulary for every position, of which those of the masks are meant."""

    objectives = ("mlm", "mlm-nsp", "mixed")

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
    ) -> MaskedLMOutput | tuple[Tensor, ...]:
        """Ids (B, T) to scores (B, T, V); the loss is of the labels (B, T) that are not -100."""
        with self.tandem.encoder.seeing("both"):
            found = self.tandem(input_ids, attention_mask, token_type_ids, output_hidden_states)
        hidden, lead = found.last_hidden_state, self.objective.lead
        # A model that has learnt to tell what comes next is asked in front of the mask.
        told = torch.cat([hidden[:, :lead], hidden[:, : hidden.shape[1] - lead]], dim=1)
        logits = self.scored(told)
        loss = None if labels is None else self.loss_function(logits, labels, vocab_size=self.config.vocab_size)
        output = MaskedLMOutput(loss, logits, found.hidden_states)
        return output.to_tuple() if return_dict is False else output


class TandemClassifier(TandemHeaded):
    """Scores of classes; what they are scores of, a kind of model says."""

    output: ClassVar[type]

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Ids (B, T) to the scores that `classified` gives, with the loss of such models in transformers."""
        found = self.tandem(input_ids, attention_mask, token_type_ids, output_hidden_states)
        logits = self.classified(found.last_hidden_state, attention_mask, token_type_ids)
        loss = None
        if labels is not None:
            loss = self.loss_function(logits=logits, pooled_logits=logits, labels=labels, config=self.config)
        output = self.output(loss, logits, found.hidden_states)
        return output.to_tuple() if return_dict is False else output

    def classified(self, hidden: Hidden, mask: Tensor | None, segments: Tensor | None, /) -> Tensor:
        """Hidden states (B, T, D) to scores."""
        raise NotImplementedError


class TandemForSequenceClassification(TandemClassifier):
    """Scores of the classes for whole texts or for pairs in one row; or one number, on the scale it was trained on.

    The loss of labels (B,) is that of `config.problem_type`, usually cross-entropy.
    """

    objectives = ("classify", "cross")
    output = SequenceClassifierOutput

    def classified(self, hidden: Hidden, mask: Tensor | None, segments: Tensor | None, /) -> Tensor:
        """Hidden states (B, T, D) to scores (B, K)."""
        hidden, text, numbers = _some_text(hidden, mask, segments)
        logits: Tensor = self.head(hidden, text, *((numbers,) if isinstance(self.head, CrossHead) else ()))
        return self._scale().value(logits)[:, None] if logits.dim() == 1 else logits

    def _scale(self) -> Scale:
        assert isinstance(self.head.scale, Scale)
        return self.head.scale


class TandemForTokenClassification(TandemClassifier):
    """Scores of the tags for every token; a word's is that of its first. The loss is of labels (B, T) beside -100."""

    objectives = ("tag",)
    output = TokenClassifierOutput

    def classified(self, hidden: Hidden, /, *_: Tensor | None) -> Tensor:
        """Hidden states (B, T, D) to scores (B, T, K)."""
        return self.scored(hidden)


def _some_text(hidden: Hidden, mask: Tensor | None, segments: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states, where there is text, and of which; a column of padding stands for a text without a token."""
    text = hidden.new_ones(hidden.shape[:2]) if mask is None else mask
    kinds = torch.zeros_like(text) if segments is None else segments
    missing = (0, int(hidden.shape[1] == 0))
    return F.pad(hidden, (0, 0, *missing)), F.pad(text, missing).bool(), F.pad(kinds, missing).long()
