"""What a request may ask for at most, and how long anything may take. No setting lifts any of it."""

BODY_BYTES = 256 * 1024
HEADER_SECONDS, BODY_SECONDS = 5.0, 5.0
"""A client that has not sent its header or its body by then is let go."""
DEADLINE_SECONDS = 8.0
"""From the acceptance of a request to its answer; less than the ten seconds in which a stopped server is gone."""
STOP_SECONDS = DEADLINE_SECONDS + 1.5
"""From a signal to the end of the process: until then what was accepted is answered or late, and connections close."""
READ_SECONDS = 30.0
"""A client that has not taken what it was sent by then is let go."""
DRAIN_SECONDS, DRAIN_BYTES = 1.0, 2**20
"""So much of a body that was refused is still read: a connection that is closed before takes its answer with it."""
CONNECTIONS, OTHER_FILES = 4096, 256
"""So many are open at a time, or fewer where the system lets the process open fewer files and `OTHER_FILES` besides;
another one is closed at once. More than the requests by far, since to say that there is no room takes one, too."""
OPEN_REQUESTS = 512
"""So many are read or answered at a time; the next one is refused at once."""

TEXT_CHARACTERS = 10_000
MODEL_CHARACTERS = 500
TOP_K, SAMPLED_TOP_K = 100, 1000
MASKS = 32
GENERATED_TOKENS = 400
TEMPERATURE = 10.0
SEED = 2**32 - 1
BEAM = 10

SHORT_CHARACTERS = 1000
"""A longer text is cut into tokens in a thread: nobody else is heard meanwhile, and a thousand take less than 1 ms."""
TEXT_TOKENS = 2048
"""Attention over so many takes about as long as the feed-forward networks of a small model."""
REQUEST_TOKENS = 2**16
"""Positions that a single request may have the model read: masked scoring reads a text once for each of its tokens."""
REPLY_NUMBERS = 2**19
"""Attention weights in an answer: about 4 MB of JSON."""
NUMBERS_A_POSITION = 64
"""So many of them are counted as a position, as writing them takes about as long as reading one."""
WAITING_TOKENS = 2**17
"""Positions of all requests that are accepted and not answered."""
WAITING_SECONDS = DEADLINE_SECONDS / 2
"""Half of a deadline: how long the work before a request is expected to take, from what took how long so far."""
BATCH_TOKENS, BATCH_REQUESTS = 2**12, 64
PADDING_TOKENS = 64
"""Of these at most. A batch takes as long as its positions and 50 more (attention*4, width 256), or 100 (lstm*2): a
second batch costs less than more padding."""
TURN_SECONDS = 0.02
"""A text that is being generated gives way to other requests so often."""
