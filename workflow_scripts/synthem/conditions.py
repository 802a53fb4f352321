"""Image and condition masks of the slices that a generator may learn from."""

from synthem.intensity import as_bytes
from synthem.splits import labelled_slices
from synthem.volumes import read_array, read_blocks


def labelled_examples(volume_path, membrane_path, *, structure, fraction):
    """(image uint8, {structure, membrane}, (first, end)) of the labelled training slices, [z, y, x] each.

    The membrane is the volume's own where it has one, else the predicted one of `membrane_path`. No slice
    outside the labelled part of the training block is ever read: what is made from this cannot leak.
    """
    block = labelled_slices(read_blocks(volume_path), fraction)
    membrane = (membrane_path, "membrane") if membrane_path else (volume_path, "masks/membrane")
    masks = {
        structure: read_array(volume_path, f"masks/{structure}", block=block),
        "membrane": read_array(*membrane, block=block),
    }
    return as_bytes(read_array(volume_path, "image", block=block)), masks, block
