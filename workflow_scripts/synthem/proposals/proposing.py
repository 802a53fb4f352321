"""An image and its mask -> a short config with a comment at each line, and a picture to look at first.

`make new IMAGE=... MASK=...` runs this. It is no rule: Snakemake deletes the outputs of a rule before it
makes them, which are a user's own file here, and nobody can answer a question inside of a job.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from synthem.checks.structure import spelt
from synthem.config.entries import filled_in
from synthem.errors import SynthemError
from synthem.ingest.pieces import refuse_beyond
from synthem.log import error_block
from synthem.plans.sizes import size_for, this_machine
from synthem.proposals import questions
from synthem.proposals.choices import (
    DENSE,
    MEMBRANES,
    budgets_for,
    labelled_among,
    polarity,
    split_for,
    structure_in,
)
from synthem.proposals.lines import BLANKS, Found, lines_of
from synthem.proposals.marks import marks_of
from synthem.proposals.overlay import overlay
from synthem.proposals.page import page
from synthem.proposals.questions import answered
from synthem.proposals.reading import CLASSES, NUMBERS, place, values_of
from synthem.sources.opening import open_stack
from synthem.storage.files import write_bytes, write_text
from synthem.storage.splits import ranges_of, spread_slices

PICTURED = 3  # slices
NEEDED = {
    "image": "the stack, like IMAGE=data/stack.tif",
    "mask": "where the structure is, on some slices, like MASK=data/mask.tif: networks learn from it "
    "and are scored by it",
}


def propose(options):
    """Write the config and the picture -> what is Found."""
    config = Path(options.config)
    for option, words in NEEDED.items():
        _refuse_absent(option.upper(), getattr(options, option), words)
    for path in (config, config.with_suffix(".png")):
        _refuse_existing(path)
    name = questions.name("NAME", options.name)
    with ExitStack() as files:
        image = files.enter_context(open_stack(options.image, light=True))
        mask = files.enter_context(open_stack(options.mask, gaps=True))
        found, pictured = look(image, mask, options)
    write_bytes(config.with_suffix(".png"), overlay(pictured, found.voxel_size_nm, found.structure))
    write_text(config, page(lines_of(name, config.with_suffix(".png"), found)))
    return found


def look(image, mask, options):
    """(all that is Found of an image and its mask, {slice: (image, mask)} for the picture)."""
    named = _slices_of(image)("LABELLED", options.labelled) if options.labelled else []
    placement, labelled = place(image, mask, named)
    values = values_of(mask, placement)
    foreground, structure = _foreground(values, options), _structure(options)
    marks = marks_of(mask, placement, image.shape[:3], foreground, values.histogram)
    guessed = False
    if not options.labelled and foreground is not None:
        labelled, guessed = _with_labels(image, marks, labelled)
    known = labelled or list(range(image.shape[0]))
    marks = marks.within(known)
    split = _split(image, marks, labelled, structure)
    share = marks.counts[known].sum() / (len(known) * image.shape[1] * image.shape[2])
    voxel_size_nm, voxel_from = _voxel_size(image, options)
    machine = this_machine()
    found = Found(
        image=options.image,
        mask=options.mask,
        kind=f"{' x '.join(map(str, image.shape))}, {'1 bit' if image.levels == 2 else image.dtype}",
        values=values.words,
        structure=structure,
        foreground=foreground,
        share=share,
        cells=foreground == "labels" and share > DENSE,
        voxel_size_nm=voxel_size_nm,
        voxel_from=voxel_from,
        labelled=_spelt(labelled),
        guessed=guessed,
        split=split,
        budgets=budgets_for(split.train),
        size=size_for(machine),
        machine=machine.in_words(),
    )
    shown = spread_slices(ranges_of([z for z in known if marks.counts[z]]), PICTURED)
    return found, {z: (image.read(z, z + 1)[0], marks.plane(z)) for z in shown}


def _foreground(values, options):
    """Of the option, of the values where they tell, of an answer; None where nobody knows."""
    if not options.foreground:
        if values.kind == NUMBERS:
            return "labels"
        if values.kind != CLASSES:
            return polarity(values.bright)
    question = (
        f"Values of the mask: {values.words}. Which are the structure, like 1 2 (labels: each is an object)?"
    )
    return answered("FOREGROUND", options.foreground, questions.foreground, question)


def _structure(options):
    named = None if options.structure else structure_in(options.mask)
    question = "What does the mask mark, like mitochondria?"
    named = named or answered("STRUCTURE", options.structure, questions.name, question) or "structure"
    return MEMBRANES if named == "membrane" else named  # that one is what synthesis adds


def _with_labels(image, marks, labelled):
    """(labelled slices, whether they are guessed): where many have no structure, somebody has to say."""
    among = labelled or list(range(image.shape[0]))
    kept = labelled_among(marks.counts, among)
    if not kept:
        return labelled, False
    question = (
        f"{len(among) - len(kept)} of {len(among)} slices have none of the structure. Which have labels, "
        f"like 0-9 50 (all: every one; Enter: only those with some)?"
    )
    answer = answered("LABELLED", None, _slices_of(image), question)
    return (kept, True) if answer is None else (answer or labelled, False)


def _slices_of(image):
    """A parser of slice numbers that the image has."""

    def parse(option, text):
        numbers = questions.slices(option, text)
        refuse_beyond(image, numbers)
        return numbers

    return parse


def _spelt(slices):
    """[0, 1, 2, 5] -> ["0-2", 5], as `labelled_slices` has them"""
    words = spelt(ranges_of(slices)).split(", ") if slices else []
    return [int(word) if word.isdecimal() else word for word in words]


def _voxel_size(image, options):
    """([z, y, x] in nm, where they are from); (None, "") where nobody knows them."""
    if image.voxel_size_nm and not options.voxel:
        return [float(size) for size in image.voxel_size_nm], "the file"
    question = "How large is a voxel in nm, z y x, like 40 4 4?"
    given = answered("VOXEL", options.voxel, questions.voxel_size, question)
    return given, "you" if given else ""


def _split(image, marks, labelled, structure):
    volume = {"image": image.source, "labelled_slices": list(map(str, labelled))}
    numbered = marks.numbering is not None
    entry = filled_in("new", volume, structure)
    return split_for(entry, image.shape[0], marks.add_to, numbered=numbered)


def _refuse_existing(path):
    if path.exists() or path.is_symlink():
        expected = "no such file: nothing of yours is overwritten"
        fix = "move it away, or write to another: CONFIG=other.yaml"
        raise SynthemError("FILE_WRITE", path, "it is there already", expected=expected, fix=fix)


def _refuse_absent(option, value, words):
    if not value:
        fix = "make new IMAGE=data/stack.tif MASK=data/mask.tif"
        raise SynthemError("CONFIG_KEY", option, "not given", expected=words, fix=fix)


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="synthem.proposals.proposing", description=__doc__)
    for option in ("image", "mask", "voxel", "structure", "foreground", "labelled"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--name", default="mine")
    parser.add_argument("--config", default="my.yaml")
    return parser.parse_args(arguments)


def _next(config, blanks):
    """What to do now, in words."""
    lines = [f"{config} is written. Look at {Path(config).with_suffix('.png')} and read its comments; then:"]
    for option in blanks:
        lines.append(f"  fill in {BLANKS[option]}: nothing says it, and it is not guessed")
    lines.append(f"  make run CONFIG={config} TARGET=check   # is all of it understood?")
    lines.append(f"  make run CONFIG={config}                # everything")
    return "\n".join(lines)


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    try:
        print(_next(chosen.config, propose(chosen).blanks))
    except Exception as error:
        sys.exit(error_block(error))
