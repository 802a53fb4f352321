"""What is found in a user's files: of an image and its mask, and of a second pair that is kept to test."""

from dataclasses import dataclass, replace

from synthem.checks.objects import ObjectsInLabels, ObjectsInMask
from synthem.checks.structure import spelt
from synthem.config.entries import filled_in
from synthem.errors import SynthemError
from synthem.ingest.pieces import refuse_beyond, sizes_of
from synthem.plans.sizes import fitting, patches_in, preset_of, size_for, this_machine
from synthem.proposals import questions
from synthem.proposals.choices import (
    DENSE,
    MEMBRANES,
    Split,
    budgets_for,
    labelled_among,
    polarity,
    split_for,
    structure_in,
)
from synthem.proposals.lines import Found, OwnTest
from synthem.proposals.marks import marks_of
from synthem.proposals.questions import answered
from synthem.proposals.reading import CLASSES, NUMBERS, place, values_of
from synthem.proposals.tiles import is_coloured, side_by_side
from synthem.storage.naming import count_text
from synthem.storage.splits import ranges_of, spread_slices

PICTURED = 3  # slices


def look(image, mask, options):
    """(all that is Found of an image and its mask, {slice: (image, mask)} for the picture)."""
    given = _given_size(image, options)
    seen = _seen(
        image, mask, "LABELLED", options.labelled, given, lambda values: _foreground(values, options)
    )
    structure, known = _structure(options), seen.known
    if not options.test_image:
        _refuse_alone(image, mask, known)
    split = None if options.test_image else _split(image, seen.marks, seen.labelled, structure)
    sizes = sizes_of(image)
    share = seen.marks.counts[known].sum() / sum(sizes[z][0] * sizes[z][1] for z in known)
    voxel_size_nm, voxel_from = voxel_size_in(image, options)
    size, fit_for = _size(sizes)
    found = Found(
        image=options.image,
        mask=options.mask,
        kind=kind_of(image),
        values=seen.values.words,
        tiles=image.shapes is not None,
        coloured=is_coloured(image),
        structure=structure,
        foreground=seen.foreground,
        guessed_dark=seen.foreground == "dark" and not options.foreground,
        share=share,
        cells=seen.foreground == "labels" and share > DENSE,
        voxel_size_nm=voxel_size_nm,
        voxel_from=voxel_from,
        labelled=_spelt(seen.labelled),
        guessed=seen.guessed,
        known=len(known),
        split=split,
        budgets=budgets_for(split.train if split else len(known)),
        size=size,
        fit_for=fit_for,
    )
    return found, _pictured(image, seen)


def _refuse_alone(image, mask, known):
    """An error where one labelled slice would have to be learnt from and tested."""
    if len(known) > 1:
        return
    fix = "label another one, or give a stack to test with its mask: TEST_IMAGE, TEST_MASK"
    if image.shape[0] == 1:
        fix = "give more slices, or cut the picture into several in a folder, and say TILES=yes"
    found, expected = "labels on 1 slice", "2 slices with labels: one to learn from, one to test"
    raise SynthemError("DATA_SPLIT", mask.source, found, expected=expected, fix=fix)


def _size(slices):
    """(size of networks for this machine and these slices [(y, x)], which of the two decides, in words)."""
    machine, smallest = this_machine(), min(slices, key=min)
    own = size_for(machine)
    size, _ = fitting(own, {"": smallest}, lambda one: {"": patches_in(preset_of(one))})
    return size, machine.in_words() if size == own else f"slices of {smallest[0]} x {smallest[1]} pixels"


def look_at_test(found, image, mask, options):
    """(Found with a stack of its own to test, {slice: (image, mask)} for its picture).

    All labelled slices of the first stack are then learnt from.
    """
    size, text = found.voxel_size_nm or image.voxel_size_nm, options.test_labelled
    seen = _seen(image, mask, "TEST_LABELLED", text, size, lambda values: found.foreground)
    tested = ranges_of(seen.known)
    counter = ObjectsInMask if seen.marks.numbering is None else ObjectsInLabels
    counted = counter({0: tested}, linked=not found.tiles)
    seen.marks.add_to([counted])
    test = OwnTest(
        image=options.test_image,
        mask=options.test_mask,
        kind=kind_of(image),
        labelled=_spelt(seen.labelled),
        guessed=seen.guessed,
    )
    objects = None if counted.sheet else counted.counts()[0]
    split = Split(test=0, fold=0, gap=0, train=found.known, tested=len(seen.known), objects=objects, length=0)
    return replace(found, test=test, split=split), _pictured(image, seen)


@dataclass(frozen=True)
class _Seen:
    """What a mask says of its image."""

    values: object  # reading.Values
    foreground: object
    marks: object  # marks.Marks, of the slices with labels
    labelled: list  # their numbers; [] for all
    guessed: bool
    known: list  # their numbers


def _seen(image, mask, option, text, voxel_size_nm, foreground_of):
    named = _slices_of(image)(option, text) if text else []
    placement, labelled = place(image, mask, named, option, voxel_size_nm or (1, 1, 1))
    values = values_of(mask, placement)
    foreground = foreground_of(values)
    marks = marks_of(mask, placement, sizes_of(image), foreground, values.histogram)
    guessed = False
    if not text and foreground is not None:
        labelled, guessed = _with_labels(image, marks, labelled, option)
    known = labelled or list(range(image.shape[0]))
    if not marks.counts[known].any():
        found = f"none of the {count_text(len(known), 'slice')} with labels has any structure"
        fix = f"name slices that have some: {option}"
        raise SynthemError("DATA_VALUE", mask.source, found, expected="some voxels marked", fix=fix)
    return _Seen(values, foreground, marks.within(known), labelled, guessed, known)


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


def _with_labels(image, marks, labelled, option):
    """(labelled slices, whether they are guessed): where many have no structure, somebody has to say."""
    among = labelled or list(range(image.shape[0]))
    kept = labelled_among(marks.counts, among)
    if not kept:
        return labelled, False
    question = (
        f"{len(among) - len(kept)} of {len(among)} slices of {image.source} have none of the structure. "
        f"Which have labels, like 0-9 50 (all: every one; Enter: only those with some)?"
    )
    answer = answered(option, None, _slices_of(image), question)
    return (kept, True) if answer is None else (answer or labelled, False)


def _slices_of(image):
    """A parser of slice numbers that the image has."""

    def parse(option, text):
        numbers = questions.slices(option, text)
        refuse_beyond(image, numbers)
        return numbers

    return parse


def kind_of(image):
    shape = " x ".join(map(str, image.shape))
    if image.shapes:
        shape = f"{count_text(image.shape[0], 'tile')} of up to {' x '.join(map(str, image.shape[1:]))}"
    return f"{shape}, {'1 bit' if image.levels == 2 else image.dtype}"


def _spelt(slices):
    """[0, 1, 2, 5] -> ["0-2", 5], as `labelled_slices` has them"""
    words = spelt(ranges_of(slices)).split(", ") if slices else []
    return [int(word) if word.isdecimal() else word for word in words]


def _given_size(image, options):
    """[z, y, x] in nm of the option or the file, before anybody is asked."""
    return questions.voxel_size("VOXEL", options.voxel) if options.voxel else image.voxel_size_nm


def voxel_size_in(image, options):
    """([z, y, x] in nm, where they are from); (None, "") where nobody knows them."""
    if image.voxel_size_nm and not options.voxel:
        return [float(f"{size:.6g}") for size in image.voxel_size_nm], "the file"  # some are float32
    question = "How large is a voxel in nm, z y x, like 40 4 4?"
    given = answered("VOXEL", options.voxel, questions.voxel_size, question)
    return given, "you" if given else ""


def _split(image, marks, labelled, structure):
    volume = {"image": image.source, "labelled_slices": list(map(str, labelled))}
    volume["tiles"] = image.shapes is not None
    numbered = marks.numbering is not None
    entry = filled_in("new", volume, structure)
    return split_for(entry, image.shape[0], marks.add_to, numbered=numbered)


def _pictured(image, seen):
    shown = spread_slices(ranges_of([z for z in seen.known if seen.marks.counts[z]]), PICTURED)
    planes = {z: (image.read(z, z + 1)[0], seen.marks.plane(z)) for z in shown}
    return side_by_side(planes) if image.shapes else planes
