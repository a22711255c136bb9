"""What can be asked: one strict class for each body. Anything that it does not name is refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tandem.serve import limits

Text = Annotated[str, Field(max_length=limits.TEXT_CHARACTERS)]


class Question(BaseModel):
    """What all have: the id of a model; where there is none, the first that can answer is asked."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
    model: Annotated[str, Field(max_length=limits.MODEL_CHARACTERS)] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that the model has to read."""
        raise NotImplementedError

    @property
    def group(self) -> object:
        """Questions to one model with the same value can be answered together."""
        return None


class OneText(Question):
    """A question about a text."""

    text: Text

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)


class Look(OneText):
    """What happens inside of a model on a text; with `second`, between the words of both texts."""

    second: Text | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,) if self.second is None else (self.text, self.second)


class FillMask(OneText):
    """The likeliest tokens for each `[MASK]` of a text."""

    top_k: Annotated[int, Field(ge=1, le=limits.TOP_K)] = 5


class Next(OneText):
    """The likeliest tokens behind a text."""

    top_k: Annotated[int, Field(ge=1, le=limits.TOP_K)] = 5


class Generate(OneText):
    """How a text goes on."""

    tokens: Annotated[int, Field(ge=1, le=limits.GENERATED_TOKENS)] = 40
    temperature: Annotated[float, Field(ge=0, le=limits.TEMPERATURE)] = 1.0
    top_k: Annotated[int, Field(ge=1, le=limits.SAMPLED_TOP_K)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    seed: Annotated[int, Field(ge=0, le=limits.SEED)] = 0


class Classify(OneText):
    """The class of a text; with `words`, how much each word has to do with it."""

    words: bool = False


class Translate(OneText):
    """A translation, by a search that keeps `beam` texts."""

    beam: Annotated[int, Field(ge=1, le=limits.BEAM)] = 5

    @property
    def group(self) -> object:
        return self.beam


class Nli(Question):
    """Whether a hypothesis follows from a premise; with `words`, how much each word has to do with it."""

    premise: Text
    hypothesis: Text
    words: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        return self.premise, self.hypothesis


class Similarity(Question):
    """How alike two texts are."""

    first: Text
    second: Text

    @property
    def texts(self) -> tuple[str, ...]:
        return self.first, self.second
