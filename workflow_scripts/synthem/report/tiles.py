"""Words of a report about tiles: pictures of places of their own are no slices of a stack."""

import re

# What is no sentence: code, a config, styles, tags with what they hold (images, too), the end of a path.
NO_WORDS = re.compile(
    r"(<style>.*?</style>|<pre.*?</pre>|<code>.*?</code>|`[^`]*`|<wbr>[^<]*|<[^>]*>)", re.DOTALL
)
# Not as a part of a file or a key.
SLICE = re.compile(r"(?<![\w/.-])([Ss])lice(s?)(?![\w/-]|\.\w)")


def with_tiles(text):
    """HTML, or the text of the first screen, in which `slice` is `tile` wherever a reader sees the word."""
    pieces = NO_WORDS.split(text)
    pieces[::2] = [SLICE.sub(lambda found: _tile(*found.groups()), piece) for piece in pieces[::2]]
    return "".join(pieces)


def _tile(first, plural):
    return ("T" if first == "S" else "t") + "ile" + plural
