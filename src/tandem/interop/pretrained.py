"""An encoder as a `PreTrainedModel`: what all classes of ours for transformers share."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from tandem.core.errors import ArtifactError
from tandem.core.shapes import Hidden, TokenIds, TokenMask
from tandem.interop.config import TandemConfig, encoder_of
from tandem.nn.trace import trace


class TandemPreTrainedModel(PreTrainedModel):  # type: ignore[misc, unused-ignore]
    """Loads all weights of a folder, or says which are missing.

    transformers fills in what a folder lacks by rules of its own, which leave a GRU or a bare parameter as memory that
    was never written. Here the weights of an encoder must all be there, and so must those of the head where the folder
    was written by the same class. The head of another class begins as our own do.
    """

    config_class = TandemConfig
    base_model_prefix = "tandem"

    @classmethod
    def from_pretrained(cls, *arguments: Any, output_loading_info: bool = False, **options: Any) -> Any:
        """As in transformers.

        Raises:
            ArtifactError: the folder lacks weights that it should hold; nothing is made up for them.
        """
        model, report = super().from_pretrained(*arguments, output_loading_info=True, **options)
        new = sorted(report["missing_keys"]) + sorted(key for key, *_ in report["mismatched_keys"])
        same = cls.__name__ in (model.config.architectures or [])
        for name in report["missing_keys"]:
            if same or not name.startswith("head."):
                raise ArtifactError(f"{model.name_or_path}: its weights lack {name}; export the run again")
        model.take_first_weights(new)
        return (model, report) if output_loading_info else model

    def take_first_weights(self, names: list[str]) -> None:
        """Gives the parameters of these names the values of a new model, and all the `requires_grad` of one."""
        with torch.device("cpu" if names else "meta"):
            new = type(self)(self.config)
        own = dict(self.named_parameters())
        with torch.no_grad():
            for name, parameter in new.named_parameters():
                own[name].requires_grad_(parameter.requires_grad)
                if name in names:
                    own[name].copy_(parameter)

    def _init_weights(self, module: nn.Module) -> None:
        """Nothing: the constructors of our modules draw the first weights."""

    def _settle(self) -> None:
        """Ends a constructor: says which parameters are one with the embedding, and lets transformers finish."""
        embedding = self.get_input_embeddings().weight
        names = [name for name, one in self.named_parameters(remove_duplicate=False) if one is embedding]
        self._tied_weights_keys = dict.fromkeys(names[1:], names[0])
        self.config.tie_word_embeddings = len(names) > 1
        self.post_init()

    def get_input_embeddings(self) -> nn.Embedding:
        """The vectors of the tokens."""
        embedding: nn.Embedding = self.base_model.encoder.embedding
        return embedding

    def set_input_embeddings(self, value: nn.Embedding) -> None:
        """Another table of vectors."""
        self.base_model.encoder.embedding = value


class TandemModel(TandemPreTrainedModel):
    """Token ids to the hidden states of the last layer, and of all layers if asked for."""

    def __init__(self, config: TandemConfig) -> None:
        super().__init__(config)
        self.encoder = encoder_of(config)
        self._settle()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
    ) -> BaseModelOutput | tuple[Tensor, ...]:
        """Ids (B, T), a mask that is not 0 where there is text, and the number of the text that a token belongs to.

        Padding may stand on either side. Without a mask all is text. What stands at padded positions has no meaning.
        """
        row = _Rows(input_ids, attention_mask, token_type_ids)
        layers: tuple[Tensor, ...] | None = None
        if self.config.output_hidden_states if output_hidden_states is None else output_hidden_states:
            found = trace(self.encoder, row.ids, row.mask, row.segments)
            layers = tuple(row.back(layer.hidden) for layer in found)
            hidden = layers[-1]
        else:
            hidden = row.back(self.encoder(row.ids, row.mask, row.segments))
        output = BaseModelOutput(last_hidden_state=hidden, hidden_states=layers)
        return output.to_tuple() if return_dict is False else output


class _Rows:
    """Rows with their text moved to the left, where our mixers want it, and the way back."""

    ids: TokenIds
    mask: TokenMask
    segments: TokenIds | None

    def __init__(self, ids: Tensor, mask: Tensor | None, segments: Tensor | None) -> None:
        self.length = ids.shape[1]
        # An empty text is a row of padding; without one column a recurrent kernel refuses it.
        room = max(1, self.length)
        text = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask.bool()
        text = nn.functional.pad(text, (0, room - self.length))
        self.order = (~text).int().argsort(dim=1, stable=True)
        self.ids = self._moved(ids.long())
        self.mask = text.gather(1, self.order)
        self.segments = None if segments is None else self._moved(segments.long())

    def _moved(self, values: Tensor) -> Tensor:
        return nn.functional.pad(values, (0, self.order.shape[1] - self.length)).gather(1, self.order)

    def back(self, hidden: Hidden) -> Tensor:
        """Hidden states where their tokens stood, (B, T, D) for as many positions as there were ids."""
        places = self.order.argsort(dim=1)[:, :, None].expand_as(hidden)
        return hidden.gather(1, places)[:, : self.length]
