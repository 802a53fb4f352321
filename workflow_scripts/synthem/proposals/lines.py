"""The lines of a proposed config, each with what happens if it is changed."""

from dataclasses import dataclass

from synthem.config.messages import BLANK
from synthem.ingest.marks import FULL
from synthem.proposals.choices import MEMBRANES
from synthem.proposals.objects import lines_of_objects
from synthem.storage.naming import count_text
from synthem.storage.pixels import turn_of

BLANKS = {
    "VOXEL": "the size of a voxel in nm (voxel_size_nm, and split.gap_nm where it stands): nothing says it, "
    "and it is not guessed",
    "FOREGROUND": "which values of the mask are the structure (foreground), or rather start again with "
    'FOREGROUND="1 2", or FOREGROUND=labels if each number is an object: split and objects are of all values',
}
DARK = "dark is taken for the structure, as it fills less; if it is the background: FOREGROUND=bright"


@dataclass(frozen=True)
class OwnTest:
    """What a proposal says of a stack of its own to test: the rest is as in the stack that is learnt from."""

    image: str
    mask: str
    kind: str
    labelled: list
    guessed: bool


@dataclass(frozen=True)
class Found:
    """What a proposal says of an image and its mask."""

    image: str  # the sources, as the user wrote them
    mask: str
    kind: str  # of the image, in words: 165 x 768 x 1024, uint8
    values: str  # of the mask, in words
    structure: str
    foreground: object  # `bright`, `dark`, ..., a list of values, or None: not known
    guessed_dark: bool  # by its share alone
    tiles: bool  # pictures of places of their own
    coloured: bool
    share: float  # of the labelled slices that is structure
    cells: bool  # objects fill the volume
    voxel_size_nm: list | None
    voxel_from: str
    labelled: list  # words for labelled_slices; [] for all
    guessed: bool  # the labelled slices are those with any structure
    known: int  # slices with labels
    split: object  # choices.Split
    budgets: list
    size: str  # of networks, as `size: auto` chooses it
    fit_for: str  # the machine, or slices too small for what it can train, in words
    test: OwnTest | None = None

    @property
    def blanks(self):
        """Options that would fill in what nobody has said."""
        absent = {"VOXEL": self.voxel_size_nm is None, "FOREGROUND": self.foreground is None}
        return [option for option, missing in absent.items() if missing]


def lines_of(name, pictures, found):
    """[(indent, key, value, comment)] of the config for a volume of this name."""
    looked_at = " and ".join(map(str, pictures))
    head = f"Made by `make new`. Look at {looked_at} first: the outlines must lie on the structure."
    return [
        (0, "", None, head),
        (0, "targets", [name], "volumes to segment; another name makes all anew, beside the old results"),
        (0, "structure", found.structure, "what is segmented; another one repeats all but reading the files"),
        (0, "volumes", None, ""),
        (1, name, None, ""),
        (2, "image", found.image, f"{found.kind}; another file repeats all that was learnt from this one"),
        (2, *_marked(found, found.mask), _why_marked(found)),
        *_inside(found),
        *_labelled(found),
        *_tiles(found),
        (2, "voxel_size_nm", found.voxel_size_nm or BLANK, _voxel(found)),
        *_own_test(found),
        (0, "labels", {"budgets": found.budgets}, _budgets(found)),
        *_split(found),
        (0, "size", found.size, f"of networks, for {found.fit_for}; another one trains everything anew"),
        *_explore(found),
        *lines_of_objects(found),
        *_conditions(found),
        *_turning(found),
    ]


def _marked(found, files):
    """(Key, value) of a mask, or of labels."""
    if found.foreground == "labels":
        return "labels", {found.structure: files}
    foreground = [BLANK] if found.foreground is None else found.foreground
    return "masks", {found.structure: {"files": files, "foreground": foreground}}


def _inside_of(found, files):
    """{"masks": ...} of instances that fill the volume: all but their borders; {} of others."""
    if found.foreground != "labels" or found.share < FULL:
        return {}
    return {"masks": {found.structure: {"files": files, "foreground": "inside"}}}


def _inside(found):
    words = "all but where numbers meet; as labels they mark every voxel"
    return [(2, key, mask, words) for key, mask in _inside_of(found, found.mask).items()]


def _why_marked(found):
    if found.foreground == "labels":
        numbers = f"a number for each of {found.values}"
        if found.tiles:  # which begin anew in each
            numbers = "a number for each object of a tile"
        return f"{numbers}; as a mask they would lose their numbers"
    words = f"another foreground marks other voxels, now {found.share:.1%}"
    if found.foreground is None:
        words = "write those of the structure, like [1, 2], or rather start again with FOREGROUND="
        words += (
            '"1 2", or FOREGROUND=labels if each number is an object: split and objects are of all values'
        )
    if found.guessed_dark:
        words = f"{DARK}; now {found.share:.1%}"
    return f"values {found.values}: {words}"


def _labelled(found):
    if not found.labelled:
        return []
    words = (
        f"the {_units(found)} with labels, from 0 on; without this line networks learn that others are empty"
    )
    return [(2, "labelled_slices", found.labelled, _guessed(found, found) or words)]


def _guessed(stack, found):
    """How the labelled slices of a stack were found, where nobody named them."""
    words = f"those with any {found.structure}, the others are unknown; remove it if they are truly empty"
    return words if stack.guessed else ""


def _tested(found):
    """Slices of the test block, with their objects where there are some to count."""
    objects = found.split.objects
    held = "" if objects is None else f" ({count_text(objects, 'object')})"
    return f"{_counted(found.split.tested, found)}{held}"


def _units(found):
    return "tiles" if found.tiles else "slices"


def _counted(number, found):
    return count_text(number, _units(found)[:-1])


def _own_test(found):
    """A stack of its own to test; of the one above, all labelled slices are then learnt from."""
    test = found.test
    if not test:
        return []
    key, mask = _marked(found, test.mask)
    stack = {"image": test.image, key: mask} | _inside_of(found, test.mask)
    words = (
        f"{test.kind}; scored alone, {_tested(found)}, read as the mask above; another file scores all anew"
    )
    if test.labelled:
        stack["labelled_slices"] = test.labelled
        guessed = _guessed(test, found)
        words += f". labelled_slices: {guessed}" if guessed else ""
    return [(2, "test", stack, words)]


def _tiles(found):
    if not found.tiles:
        return []
    words = "each is of a place of its own; without this line they are the slices of one stack, of one size"
    return [(2, "tiles", True, words)]


def _voxel(found):
    if found.voxel_size_nm is None:
        return "z, y, x, like [40, 4, 4]: no file says it, and a wrong one makes all sizes in nm wrong"
    return f"z, y, x, from {found.voxel_from}; a wrong one makes all lengths in nm wrong"


def _budgets(found):
    of = f"of {found.split.train}" if found.split.train > 1 else "the only one"
    return f"labelled {_units(found)} to learn from, {of}; each further number repeats all trainings"


def _split(found):
    """Blocks of the stack; none where another stack is tested."""
    if found.test:
        return []
    split = found.split
    fold = {"fold": split.fold} if split.fold else {}
    learnt = f"{_counted(split.train, found)} to learn from, {_tested(found)} to test"
    if found.tiles:
        words = f"{learnt}; tiles need no gap: nothing lies in two of them"
        return [(0, "split", {"test": split.test, "gap_nm": 0} | fold, words)]
    gap = split.gap * found.voxel_size_nm[0] if found.voxel_size_nm else BLANK
    blank = "" if found.voxel_size_nm else f"gap_nm: the thickness of {count_text(split.gap, 'slice')}; "
    runs = f"objects run through up to {split.length}: with a shorter gap more lie on both sides"
    if split.objects is None:
        runs = "the structure is one sheet, which no gap parts: a longer one leaves less to learn from"
    words = f"{blank}{learnt}, {split.gap} between; {runs}"
    return [(0, "split", {"test": split.test, "gap_nm": gap} | fold, words)]


def _explore(found):
    if found.split.answers:
        return []
    tested = count_text(found.split.tested, "test tile" if found.tiles else "test slice")
    words = f"only {tested}, too few for a verdict; with false that is an error"
    return [(0, "study", {"explore": True}, words)]


def _conditions(found):
    if found.structure != MEMBRANES and not found.coloured:
        return []
    words = "painted on these membranes; with `membrane`, on predicted ones of the same, too"
    if found.structure != MEMBRANES:
        words = "all that is painted on; `membrane` needs a mask of it: the embedded one is grey"
    return [(0, "gans", {"conditions": ["structure"]}, words)]


def _turning(found):
    """Patches of pixels that are not square are mirrored alone: `check` would warn of what turns them."""
    turn = turn_of(found.voxel_size_nm[1:]) if found.voxel_size_nm else True
    if turn is True:
        return []
    words = "pixels are not square: turned by 90 degrees they look like no tissue"
    return [(0, "unets", {"training": {"augment": {"turn": turn}}}, words)]
