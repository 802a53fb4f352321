"""Sizes of the slices that are learnt from, by headers.

A process of its own: what Snakemake imports when it starts needs no numpy.
"""

import json
import sys

from synthem.errors import SynthemError
from synthem.ingest.pieces import pieces_of, sizes_of
from synthem.plans.outline import PHANTOM
from synthem.sources.opening import open_stack


def smallest_slice(volume, phantoms):
    """(y, x) of the slice with the shortest side, as ingest leaves it, of all stacks that are learnt from.

    volume: its entry, filled in. Embedded data need not be made: it will be as `phantoms` describe it.
    """
    if volume.get("resize"):
        return tuple(volume["resize"])
    embedded = PHANTOM.fullmatch(volume["image"])
    if embedded and embedded[1] in phantoms:
        return tuple(phantoms[embedded[1]]["shape"][1:])
    sizes = []
    for block, entry in pieces_of(volume).items():
        if block != "test":
            with open_stack(entry["image"], tiles=volume["tiles"], light=True) as image:
                sizes += sizes_of(image)
    return tuple(int(side) for side in min(sizes, key=min))


def smallest_slices(volumes, phantoms):
    """{slices: {volume: its smallest}}, or {unknown: why} where an image cannot be read."""
    try:
        return {"slices": {name: smallest_slice(volume, phantoms) for name, volume in volumes.items()}}
    except SynthemError as problem:
        return {"unknown": f"{problem.where}: {problem.found}"}


if __name__ == "__main__":
    json.dump(smallest_slices(**json.load(sys.stdin)), sys.stdout)
