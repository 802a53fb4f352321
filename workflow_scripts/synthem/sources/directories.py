"""The pages of a TIFF file, read from its directories; no voxel is decoded.

A directory is a table of entries (tag, type, count, and the value or its place), and ends with the place of
the next. The whole chain is judged here before tifffile sees it: 100,000 pages take a second or two, and a
forged chain no longer than a true one.
"""

import struct
from dataclasses import dataclass

from synthem.errors import SynthemError

MOST_PAGES = 100_000  # ten times the slices of the largest volumes there are
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER, SAMPLES, ROWS = (
    256,
    257,
    258,
    259,
    262,
    266,
    277,
    278,
)
PLANAR, PREDICTOR, TILE_WIDTH, TILE_HEIGHT, SAMPLE_FORMAT, IMAGE_DEPTH = 284, 317, 322, 323, 339, 32997
SUBFILE, REDUCED = 254, 1  # the bit of a preview
DEFAULTS = {
    **{
        WIDTH: 0,
        HEIGHT: 0,
        BITS: 1,
        COMPRESSION: 1,
        PHOTOMETRIC: 1,
        FILL_ORDER: 1,
        SAMPLES: 1,
        ROWS: 2**32 - 1,
    },
    **{PLANAR: 1, PREDICTOR: 1, TILE_WIDTH: 0, TILE_HEIGHT: 0, SAMPLE_FORMAT: 1, IMAGE_DEPTH: 1},
}
POSITION = {tag: position for position, tag in enumerate(DEFAULTS)}
STARTS, COUNTS = (273, 324), (279, 325)  # of strips, of tiles
TYPES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # of the numbers that are read here
SIZES = {kind: struct.calcsize(form) for kind, form in TYPES.items()}
MOST_VALUES = 16  # of a tag that describes a page: one for each sample


@dataclass(frozen=True, slots=True)
class Page:
    """Where one page lies in the file, and how it is stored."""

    number: int  # in the chain
    kind: tuple  # values of the tags in DEFAULTS: the pages of a stack have the same
    start: int | None  # where its voxels begin, if its strips lie one behind the other; else None
    stored: int  # bytes of its strips or tiles
    complete: bool  # as many strips or tiles as there must be, all of them inside the file
    preview: bool

    def value(self, tag):
        """The tag's number; of one for each sample, the first."""
        return self.values(tag)[0]

    def values(self, tag):
        return self.kind[POSITION[tag]]

    @property
    def as_in_memory(self):
        """Neither packed nor cut into tiles."""
        plain = all(self.value(tag) == 1 for tag in (COMPRESSION, FILL_ORDER, PREDICTOR))
        return plain and not self.value(TILE_WIDTH)


def read_pages(file):
    """All pages in the order of their chain."""
    with open(file, "rb") as data:
        return list(_Chain(file, data).pages())


class _Chain:
    def __init__(self, file, data):
        self.file, self.data = file, data
        self.size = data.seek(0, 2)
        self.listed = 0  # bytes of all tables so far
        self.kinds = {}  # entries of the tags in DEFAULTS -> their values: most pages have the same
        self.order = {b"II": "<", b"MM": ">"}.get(self._bytes(0, 2))
        version = self._number(2, struct.Struct(self.order + "H")) if self.order else None
        if version not in (42, 43):
            raise ValueError("not a TIFF file")
        count, link, entry, self.first = ("H", "I", "HHI4s", 4) if version == 42 else ("Q", "Q", "HHQ8s", 8)
        self.count, self.link, self.entry = (
            struct.Struct(self.order + form) for form in (count, link, entry)
        )

    def pages(self):
        place, seen = self._number(self.first, self.link), set()
        while place:
            if place in seen:
                raise ValueError("its pages lead back to an earlier page")
            if len(seen) == MOST_PAGES:
                raise self._too_many()
            seen.add(place)
            entries, place = self._directory(place)
            yield self._page(len(seen) - 1, entries)

    def _directory(self, place):
        """{tag: (type, count, value or its place)}, and where the next directory lies."""
        length = self._number(place, self.count) * self.entry.size
        content = self._bytes(place + self.count.size, length + self.link.size)
        entries = {}
        for tag, kind, count, value in self.entry.iter_unpack(content[:length]):
            entries.setdefault(tag, (kind, count, value))  # of a tag that is there twice, the first counts
        return entries, self.link.unpack(content[length:])[0]

    def _page(self, number, entries):
        described = tuple(entries.get(tag) for tag in DEFAULTS)
        kind = self.kinds.get(described)
        if kind is None:
            values = zip(described, DEFAULTS.values(), strict=True)
            kind = tuple(
                self._values(entry, MOST_VALUES) if entry else (default,) for entry, default in values
            )
            self.kinds[described] = kind
        starts, counts = (
            self._values(entries.get(strips) or entries[tiles])
            if strips in entries or tiles in entries
            else ()
            for strips, tiles in (STARTS, COUNTS)
        )
        preview = SUBFILE in entries and bool(self._values(entries[SUBFILE], 1)[0] & REDUCED)
        return Page(number, kind, *self._places(kind, starts, counts), preview)

    def _places(self, kind, starts, counts):
        """(start, stored, complete) of a page with these strips or tiles."""
        pieces, size = _pieces(kind), self.size
        complete = min(len(starts), len(counts)) >= pieces and all(
            0 < count <= size - start for start, count in zip(starts, counts, strict=False)
        )
        ends = (start + count for start, count in zip(starts, counts, strict=False))
        joined = complete and all(end == start for end, start in zip(ends, starts[1:], strict=False))
        return starts[0] if joined and starts else None, sum(counts), complete

    def _values(self, entry, most=None):
        kind, count, value = entry
        if kind not in TYPES or count == 0 or (most and count > most):
            raise ValueError(f"a tag with {count} values of type {kind}")
        length = count * SIZES[kind]
        if length > len(value):
            value = self._bytes(self.link.unpack(value)[0], length)
        return struct.unpack_from(f"{self.order}{count}{TYPES[kind]}", value)

    def _number(self, place, form):
        return form.unpack(self._bytes(place, form.size))[0]

    def _bytes(self, place, length):
        self.listed += length
        # Some programs let pages share a table; that each of many pages names one huge table is forged.
        if place + length > self.size or self.listed > 4 * self.size + 64:
            raise ValueError(f"truncated or corrupted: its directories need more than its {self.size} bytes")
        self.data.seek(place)
        return self.data.read(length)

    def _too_many(self):
        return SynthemError(
            "DATA_TOO_LARGE",
            self.file,
            f"more than {MOST_PAGES} pages",
            expected=f"at most {MOST_PAGES} slices in one file",
            fix="check the file, or cut the stack",
        )


def _pieces(kind):
    """How many strips or tiles a page of this kind must have."""
    tags = (WIDTH, HEIGHT, TILE_WIDTH, TILE_HEIGHT, ROWS, SAMPLES, PLANAR)
    width, height, tile_width, tile_height, rows, samples, planar = (kind[POSITION[tag]][0] for tag in tags)
    if tile_width:
        in_plane = -(-width // tile_width) * -(-height // max(tile_height, 1))
    else:
        in_plane = -(-height // max(rows, 1))
    return in_plane * (samples if planar == 2 else 1)
