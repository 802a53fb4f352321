"""The lines of a proposed config, each with what happens if it is changed."""

from dataclasses import dataclass

from synthem.proposals.choices import MEMBRANES
from synthem.proposals.page import BLANK

BLANKS = {
    "VOXEL": "the size of a voxel in nm (voxel_size_nm, and split.gap_nm, which rests on it)",
    "FOREGROUND": "which values of the mask are the structure (foreground)",
}


@dataclass(frozen=True)
class Found:
    """What a proposal says of an image and its mask."""

    image: str  # the sources, as the user wrote them
    mask: str
    kind: str  # of the image, in words: 165 x 768 x 1024, uint8
    values: str  # of the mask, in words
    structure: str
    foreground: object  # `bright`, `dark`, ..., a list of values, or None: not known
    share: float  # of the labelled slices that is structure
    cells: bool  # objects fill the volume
    voxel_size_nm: list | None
    voxel_from: str
    labelled: list  # words for labelled_slices; [] for all
    guessed: bool  # the labelled slices are those with any structure
    split: object  # choices.Split
    budgets: list
    size: str  # of networks, as `size: auto` chooses it
    machine: str  # in words, for which it was chosen

    @property
    def blanks(self):
        """Options that would fill in what nobody has said."""
        absent = {"VOXEL": self.voxel_size_nm is None, "FOREGROUND": self.foreground is None}
        return [option for option, missing in absent.items() if missing]


def lines_of(name, picture, found):
    """[(indent, key, value, comment)] of the config for a volume of this name."""
    head = f"Made by `make new`. Look at {picture} first: the outlines must lie on the structure."
    return [
        (0, "", None, head),
        (0, "targets", [name], "volumes to segment; another name makes all anew, beside the old results"),
        (0, "structure", found.structure, "what is segmented; another one repeats all but reading the files"),
        (0, "volumes", None, ""),
        (1, name, None, ""),
        (2, "image", found.image, f"{found.kind}; another file repeats all that was learnt from this one"),
        *_marks(found),
        *_labelled(found),
        (2, "voxel_size_nm", found.voxel_size_nm or BLANK, _voxel(found)),
        (0, "labels", {"budgets": found.budgets}, _budgets(found)),
        (0, "split", _split(found), _why_split(found)),
        (0, "size", found.size, f"of networks, for {found.machine}; another one trains everything anew"),
        *_explore(found),
        *_cells(found),
        *_conditions(found),
    ]


def _marks(found):
    where = found.mask
    if found.foreground == "labels":
        words = f"a number for each of {found.values}; as a mask they would lose their numbers"
        return [(2, "labels", {found.structure: where}, words)]
    foreground, words = found.foreground, f"another foreground marks other voxels, now {found.share:.1%}"
    if foreground is None:
        foreground, words = [BLANK], "write those of the structure, like [1, 2]; all others are background"
    words = f"values {found.values}: {words}"
    return [(2, "masks", {found.structure: {"files": where, "foreground": foreground}}, words)]


def _labelled(found):
    if not found.labelled:
        return []
    words = "the slices with labels, from 0 on; without this line networks learn that the others are empty"
    if found.guessed:
        words = f"those with any {found.structure}, the others are unknown; remove it if they are truly empty"
    return [(2, "labelled_slices", found.labelled, words)]


def _voxel(found):
    if found.voxel_size_nm is None:
        return "z, y, x, like [40, 4, 4]: no file says it, and a wrong one makes all sizes in nm wrong"
    return f"z, y, x, from {found.voxel_from}; a wrong one makes all sizes and distances in nm wrong"


def _budgets(found):
    of = f"of {found.split.train}" if found.split.train > 1 else "the only one"
    return f"labelled slices to learn from, {of}; each further number repeats all trainings"


def _split(found):
    gap = found.split.gap * found.voxel_size_nm[0] if found.voxel_size_nm else BLANK
    fold = {"fold": found.split.fold} if found.split.fold else {}
    return {"test": found.split.test, "gap_nm": gap} | fold


def _why_split(found):
    split = found.split
    blank = "" if found.voxel_size_nm else f"gap_nm: {split.gap} times the thickness of a slice; "
    blocks = (
        f"{split.train} slices to learn from, {split.tested} to test ({split.objects} objects), {split.gap}"
    )
    runs = f"objects run through up to {split.length}: with a shorter gap more lie on both sides"
    return f"{blank}{blocks} between; {runs}"


def _explore(found):
    if found.split.answers:
        return []
    words = f"{found.split.tested} test slices are too few for a verdict; with false that is an error"
    return [(0, "study", {"explore": True}, words)]


def _cells(found):
    if not found.cells:
        return []
    words = "for cells, which fill the volume; `bodies` is for single objects"
    return [(0, "watershed", {"method": "membranes", "tune_by": "cremi_score"}, words)]


def _conditions(found):
    if found.structure != MEMBRANES:
        return []
    words = "images are painted on these membranes; with `membrane` here, on predicted ones of the same, too"
    return [(0, "gans", {"conditions": ["structure"]}, words)]
