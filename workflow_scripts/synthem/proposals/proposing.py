"""An image and its mask -> a short config with a comment at each line, and a picture to look at first.

`make new IMAGE=... MASK=...` runs this, or with NETWORK=... for a stack that a network of others segments. It
is no rule: Snakemake deletes the outputs of a rule before it makes them, which are a user's own file here,
and nobody can answer a question inside of a job.
"""

import argparse
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

from synthem.errors import SynthemError
from synthem.ingest.grey import grey_of, refuse_stranger, surveyed
from synthem.log import error_block
from synthem.proposals import questions
from synthem.proposals.lines import BLANKS, DARK, lines_of
from synthem.proposals.looking import look, look_at_test
from synthem.proposals.overlay import overlay
from synthem.proposals.page import page
from synthem.proposals.shared import lines_for_network
from synthem.proposals.tiles import are_tiles
from synthem.sources.opening import open_mask, open_stack
from synthem.storage.files import write_bytes, write_text

OPTIONS = ("image", "mask", "voxel", "structure", "foreground", "labelled", "tiles")
OF_NETWORK = ("network",)  # that somebody shared
OF_TEST = ("test_image", "test_mask", "test_labelled")  # a stack of its own to test
OF_LABELS = ("mask", "structure", "foreground", "labelled", *OF_TEST)  # of no use to a network of others
NEEDED = {
    "image": "the stack, like IMAGE=data/stack.tif",
    "mask": "where the structure is, on some slices, like MASK=data/mask.tif: networks learn from it "
    "and are scored by it",
}
NEEDED_OF_TEST = {
    "test_image": "the stack that the mask is of, like TEST_IMAGE=data/test.tif",
    "test_mask": "where the structure is in the stack to test, like TEST_MASK=data/test-mask.tif; a stack "
    "without one is segmented: `apply` in my.yaml",
}


def propose(options):
    """Write the config and the pictures -> what is Found."""
    config = Path(options.config)
    tested = any(getattr(options, option) for option in OF_TEST)
    for option, words in (NEEDED | (NEEDED_OF_TEST if tested else {})).items():
        _refuse_absent(option.upper(), getattr(options, option), words)
    pictures = pictures_beside(config)[: 1 + tested]
    for path in (config, *pictures):
        _refuse_existing(path)
    name = questions.name("NAME", options.name)
    tiles = are_tiles(options.image, options.tiles)
    with _opened(options.image, options.mask, tiles) as (image, mask):
        _refuse_unfit(image)
        found, slices = look(image, mask, options)
        shown = [slices]
        if tested:
            with _opened(options.test_image, options.test_mask, tiles) as (other, other_mask):
                refuse_stranger(image, other)
                _refuse_unfit(other)
                found, slices = look_at_test(found, other, other_mask, options)
            shown.append(slices)
    drawn = [overlay(one, found.voxel_size_nm, found.structure, tiles=found.tiles) for one in shown]
    for path, picture in zip(pictures, drawn, strict=True):
        write_bytes(path, picture)
    write_text(config, page(lines_of(name, pictures, found)))
    return found


def propose_for_network(options):
    """Write the config of a stack that a shared network segments -> options that nobody has given."""
    _refuse_absent("IMAGE", options.image, NEEDED["image"], "NETWORK=network.safetensors")
    _refuse_labels(options)
    _refuse_existing(Path(options.config))
    name = questions.name("NAME", options.name)
    with open_stack(options.image, tiles=are_tiles(options.image, options.tiles), light=True) as image:
        _refuse_unfit(image)
        lines, blank = lines_for_network(name, image, options)
    write_text(options.config, page(lines))
    return ["VOXEL"] if blank else []


def _refuse_labels(options):
    given = [option for option in OF_LABELS if getattr(options, option)]
    if given:
        found, expected = f"{given[0].upper()} beside it", "a network, or labels to learn from"
        fix = "leave one out; an arm of a study starts from such a network by unets.training.start.from"
        raise SynthemError("CONFIG_CONTRADICTION", "NETWORK", found, expected=expected, fix=fix)


def pictures_beside(config):
    """Of the stack, and of the one that is kept to test."""
    config = Path(config)
    return [config.with_suffix(".png"), config.with_name(f"{config.stem}-test.png")]


@contextmanager
def _opened(image, mask, tiles):
    with ExitStack() as files:
        yield (
            files.enter_context(open_stack(image, tiles=tiles, light=True)),
            files.enter_context(open_mask(mask, tiles=tiles, gaps=True)),
        )


def _refuse_unfit(image):
    """An error where the grey values of an image cannot be stored, such as numbers that are not finite."""
    grey_of([image], surveyed([image]))


def _refuse_existing(path):
    if path.exists() or path.is_symlink():
        expected = "no such file: nothing of yours is overwritten"
        fix = "move it away, or write to another: CONFIG=other.yaml"
        raise SynthemError("FILE_WRITE", path, "it is there already", expected=expected, fix=fix)


def _refuse_absent(option, value, words, beside="MASK=data/mask.tif"):
    if not value:
        fix = f"make new IMAGE=data/stack.tif {beside}"
        if option.startswith("TEST"):
            fix += " TEST_IMAGE=data/test.tif TEST_MASK=data/test-mask.tif"
        raise SynthemError("CONFIG_KEY", option, "not given", expected=words, fix=fix)


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="synthem.proposals.proposing", description=__doc__)
    for option in (*OPTIONS, *OF_NETWORK, *OF_TEST):
        parser.add_argument(f"--{option.replace('_', '-')}", default="")
    parser.add_argument("--name", default="mine")
    parser.add_argument("--config", default="my.yaml")
    return parser.parse_args(arguments)


def _next(config, found):
    """What to do now, in words."""
    pictures = " and ".join(map(str, pictures_beside(config)[: 1 + bool(found.test)]))
    lines = [f"{config} is written. Look at {pictures} and read its comments; then:"]
    if found.guessed_dark:
        lines.append(f"  mask: {DARK}")
    return "\n".join([*lines, *_to_run(config, found.blanks)])


def _next_for_network(config, blanks):
    return "\n".join([f"{config} is written. Read its comments; then:", *_to_run(config, blanks)])


def _to_run(config, blanks):
    return [
        *(f"  fill in {BLANKS[option]}" for option in blanks),
        f"  make run CONFIG={config} TARGET=check   # is all of it understood?",
        f"  make run CONFIG={config}                # everything",
    ]


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    try:
        if chosen.network:
            print(_next_for_network(chosen.config, propose_for_network(chosen)))
        else:
            print(_next(chosen.config, propose(chosen)))
    except Exception as error:
        sys.exit(error_block(error))
