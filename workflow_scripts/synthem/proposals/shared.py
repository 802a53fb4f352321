"""A stack and a network that somebody shared -> the lines of a config that segments the one by the other."""

import numpy as np

from synthem.checks.findings import in_nm
from synthem.checks.stacks import ALIKE
from synthem.config.messages import BLANK
from synthem.errors import SynthemError
from synthem.proposals.looking import kind_of, voxel_size_in
from synthem.sharing.headers import EXPECTED, FIX, card_in
from synthem.storage.files import check_named

HEAD = "Made by `make new`: a stack to segment by a network of others. Nothing is trained."


def lines_for_network(name, image, options):
    """[(indent, key, value, comment)] of the config, and whether it has a blank for the size of a voxel."""
    structure, learnt = _said_by(options.network)
    size, where_from = voxel_size_in(image, options)
    told = f"finds {structure}; has learnt on voxels of {in_nm(learnt)} nm; a list of several is averaged"
    tiles = [(3, "tiles", True, "pictures of places of their own, as TILES=yes says")] if image.shapes else []
    lines = [
        (0, "", None, HEAD),
        (0, "targets", [], "volumes to learn from: none"),
        (0, "apply", None, ""),
        (1, "networks", {"theirs": options.network}, told),
        (1, "stacks", None, ""),
        (2, name, None, ""),
        (3, "image", options.image, kind_of(image)),
        (3, "voxel_size_nm", size or BLANK, f"z, y, x, from {where_from or 'nobody: fill it in'}"),
        *tiles,
        *_resampled(size, learnt),
        (1, "formats", ["fiji"], "for other programs, too: napari, cremi, zarr, png, mesh"),
    ]
    return lines, not size


def _said_by(path):
    """(what a shared network segments, the voxels that it has learnt on: z, y, x in nm)."""
    check_named(path)
    card = card_in(path)
    try:
        z, y, x = map(float, card["voxel_size_nm"])
        return str(card["segments"]), [z, y, x]
    except (KeyError, TypeError, ValueError) as error:
        found = f"its card does not say what it has learnt ({error})"
        raise SynthemError("NETWORK_FILE", path, found, expected=EXPECTED, fix=FIX) from error


def _resampled(size, learnt):
    """Pixels of another size than those that the network has learnt on are brought to it."""
    if not size or np.allclose(size[1:], learnt[1:], rtol=ALIKE):
        return []
    return [(3, "resample", True, "to the pixels of the network and back; false: as they are")]
