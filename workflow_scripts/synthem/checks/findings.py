"""What a check found in one source: a row of the table, and its problems."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from synthem.errors import SynthemError, one_line
from synthem.storage.files import read_json

COLUMNS = ("volume", "part", "source", "shape", "type", "voxel_size_nm", "found", "problem")


@dataclass
class Finding:
    """One source of one volume: its row of the table, and the problems found so far."""

    volume: str
    part: str  # image, masks/<name>, test/image, ...
    source: str
    shape: str = ""
    type: str = ""
    voxel_size_nm: str = ""
    words: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    blocks: dict = field(default_factory=dict)  # of the mask to segment: what each block holds of it
    problems: list = field(default_factory=list)

    def describe(self, stack):
        """Fill in the columns `shape` and `type`."""
        self.shape = " x ".join(map(str, stack.shape))
        self.type = "1 bit" if stack.levels == 2 else str(stack.dtype)
        if stack.shapes and len(set(stack.shapes)) > 1:
            self.note(f"tiles of {len(set(stack.shapes))} sizes")

    def note(self, words):
        """Add to the column `found`."""
        self.words.append(words)

    def warn(self, words):
        """Add to the warnings, which stand below the table."""
        self.warnings.append(words)

    @contextmanager
    def catching(self):
        """Keeps a SynthemError that ends the block as a problem: the check goes on."""
        try:
            yield
        except SynthemError as problem:
            self.problems.append(problem)

    def row(self):
        values = {column: getattr(self, column) for column in COLUMNS[:-2]}
        found = {"found": "; ".join(self.words), "problem": " ".join(map(str, self.problems))}
        return values | found | {"warnings": self.warnings, "blocks": self.blocks}


def table_of(rows):
    """The rows as plain text, one source a line, columns aligned. Problems are errors of their own."""
    shown = [dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]
    shown = [{column: one_line(row[column]) for column in COLUMNS} for row in shown]
    widths = {column: max(len(row[column]) for row in shown) for column in COLUMNS[:-1]}
    lines = ("  ".join(row[column].ljust(width) for column, width in widths.items()) for row in shown)
    return "\n".join(line.rstrip() for line in lines)


def warnings_of(rows):
    """The warnings of all rows, a line each."""
    warnings = ((row["volume"], row["part"], words) for row in rows for words in row["warnings"])
    return "\n".join(f"WARNING {one_line(f'{volume} {part}: {words}')}" for volume, part, words in warnings)


def words_of(rows):
    """What the data check understood, and its warnings, as text."""
    return "\n".join(text for text in (table_of(rows), warnings_of(rows)) if text)


def checked_words(table):
    """`words_of` the file that the data check wrote; "" where there is none."""
    return words_of(read_json(table)) if Path(table).exists() else ""


def data_value_error(source, found, expected, fix):
    return SynthemError("DATA_VALUE", source, found, expected=expected, fix=fix)


def in_nm(sizes):
    return " x ".join(f"{size:g}" for size in sizes)


@contextmanager
def naming(volume):
    """Problems with keys of the config that concern one volume say which."""
    try:
        yield
    except SynthemError as problem:
        where, expected, fix = f"{problem.where} of {volume}", problem.expected, problem.fix
        raise SynthemError(problem.code, where, problem.found, expected=expected, fix=fix) from problem
