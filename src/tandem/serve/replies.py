"""What is answered: one class for each question. Probabilities are between 0 and 1, logarithms in nats."""

from pydantic import BaseModel, Field


class Reply(BaseModel):
    """What all have: the id of the model that answers."""

    model: str


class Piece(BaseModel):
    """A part of a text, and between which characters it stands."""

    text: str
    start: int
    end: int


class Token(BaseModel):
    """A token and its probability."""

    token: str
    probability: float


class FilledMasks(Reply):
    """For each mask its likeliest tokens."""

    masks: list[list[Token]]


class Followed(Reply):
    """The likeliest tokens behind a text."""

    tokens: list[Token]


class Told(Piece):
    """A piece with its log-probability, where it has one."""

    log_probability: float | None


class Scored(Reply):
    """The log-probabilities of a text, of its tokens and of its words."""

    measure: str
    log_probability: float
    tokens: list[Told]
    words: list[Told]


class Label(BaseModel):
    """A class and its probability."""

    label: str
    probability: float


class Weighed(Piece):
    """A word, and how much less likely the class becomes without it."""

    influence: float


class Classified(Reply):
    """The classes of a text, and the influence of its words where that was asked for."""

    labels: list[Label]
    words: list[Weighed]
    cut: bool = Field(description="the end of the text was not read: the model has learnt from shorter ones")


class TaggedWord(Piece):
    """A word with its tag; without one where the tokenizer drops the word."""

    tag: str | None
    probability: float | None


class Entity(Piece):
    """A name and its type."""

    type: str


class Tagged(Reply):
    """The words of a text with their tags, and the names that they mark."""

    words: list[TaggedWord]
    entities: list[Entity]


class Inferred(Reply):
    """The classes of a pair, how alike its texts are, and the influence of their words where that was asked for."""

    labels: list[Label]
    cosine: float
    premise_words: list[Weighed]
    hypothesis_words: list[Weighed]
    cut: bool = Field(description="the ends of the texts were not read: the model has learnt from shorter ones")


class Alike(Reply):
    """The cosine of two texts, and their score where the model has learnt to tell one."""

    cosine: float
    score: float | None
    cut: bool = Field(description="for the score, the ends of the texts were not read")


class Embedded(Reply):
    """The vector of a text, and its tokens."""

    width: int
    tokens: list[Piece]
    vector: list[float]


class Translated(Reply):
    """A translation; row t of `attention` says which tokens of the text its token t was told from."""

    translation: str
    source: list[str]
    target: list[str]
    attention: list[list[float]]
    ended: bool = Field(description="false where the translation was cut off, as it did not come to an end")
    unknown: int = Field(description="tokens of the text that the model does not know")


class Layer(BaseModel):
    """The weights of an attention layer: for each head and token, how much of every token it takes in."""

    name: str
    heads: list[list[list[float]]]


class Attended(Reply):
    """The attention of every layer. Of two texts: how much of each token of the second those of the first take in."""

    tokens: list[str]
    second_tokens: list[str]
    layers: list[Layer]


class Influenced(Reply):
    """Entry [t][s] says how far output t moves when token s is erased. Of two texts: how much more word t of the first
    matters to the likeliest class because word s of the second is there, from -2 to 2."""

    tokens: list[str]
    second_tokens: list[str]
    matrix: list[list[float]]
