"""Labels that a draw does not name change no byte of anything that is made or trained from it."""

from dataclasses import replace

import numpy as np
import pytest

from synthem.gans.training import gan_trainer
from synthem.networks.saving import network_bytes
from synthem.patches.examples import structure_examples
from synthem.patches.places import PatchSet
from synthem.storage.budgets import draw_of
from synthem.storage.splits import slice_numbers
from synthem.storage.volumes import Facts, Volume, read_labels, write_volume
from synthem.synthesis.examples import labelled_examples
from synthem.synthesis.filter import filter_slices
from synthem.synthesis.generating import generate_slices
from synthem.synthesis.masks import new_masks
from synthem.training.segmenter import segmenter_trainer
from tests.shared.gan_settings import RESIZED
from tests.shared.segmenter_settings import SEGMENTER
from tests.shared.segmenters import CPU
from tests.shared.settings import edited, saving

# A main stack of 12 slices, of which the last 3 are tested; two stacks of their own behind it.
BLOCKS = {"train": ((0, 7), (12, 15)), "test": ((9, 12),), "unlabelled": ((7, 8),)}
DEPTH, CONDITIONS = 17, ["mito", "membrane"]
RUN = {"budget": 4, "replicate": 3, "strategy": "spread", "validation": 0.25}
FILTER = {"worst_fraction": 0.25, "largest_deviation": 1000}
MASK = {"kind": "mask"}


@pytest.fixture(scope="module")
def volume():
    random = np.random.default_rng(0)
    labels = np.kron(random.integers(0, 3, (DEPTH, 6, 6)), np.ones((1, 8, 8))).astype(np.uint32)
    mito = (labels == 1).astype(np.uint8)
    membrane = (np.diff(labels, axis=2, prepend=labels[:, :, :1]) != 0).astype(np.uint8)
    image = (180 - 60 * mito - 90 * membrane + random.normal(0, 10, mito.shape)).clip(0, 255).astype(np.uint8)
    ignore = (random.random(mito.shape) < 0.02).astype(np.uint8)
    facts = Facts((50.0, 5.0, 5.0), blocks=BLOCKS)
    return Volume(image, facts, {"mito": mito, "membrane": membrane}, {"mito": labels}, {"mito": ignore})


def scrambled(volume, numbers):
    """The volume with other masks, labels and unknown places in these slices."""
    random = np.random.default_rng(1)

    def changed(arrays, most):
        found = {name: array.copy() for name, array in arrays.items()}
        for array in found.values():
            array[numbers] = random.integers(0, most, array[numbers].shape)
        return found

    return replace(
        volume,
        masks=changed(volume.masks, 2),
        labels=changed(volume.labels, 50),
        ignore=changed(volume.ignore, 2),
    )


def learnt(folder, volume):
    """All that a run makes of its labels, as bytes: masks, generator, images, kept slices, two segmenters."""
    folder.mkdir()
    path = folder / "v.h5"
    write_volume(path, volume)
    draw = draw_of(path, **RUN)
    real = labelled_examples(path, None, conditions=CONDITIONS, slices=draw.train)
    labels = read_labels(path, "mito", block=draw.train)
    bends = {"slices": 3, "elastic_nm": 10, "elastic_scale_nm": 100, "seed": RUN["replicate"]}
    masks, numbers, _ = new_masks(real.masks, labels, (50, 5, 5), **bends)
    examples = PatchSet("real", real.image, real.masks, ignore=real.ignore)
    settings = edited(RESIZED, training__steps=2, training__seed=RUN["replicate"])
    generator, losses = gan_trainer(examples, **settings).train(saving(folder / "gan"))
    painting = {"seed": RUN["replicate"], "device": CPU, "tile": 512, "halo": 0}
    images = generate_slices(generator=generator, conditions=list(masks.values()), **painting)
    reference = {"reference_image": real.image, "reference_masks": real.masks}
    kept = filter_slices(images, masks, **reference, reference_ignore=real.ignore, structure="mito", **FILTER)
    what = {"structure": "mito", "target": MASK}
    own = structure_examples("real", path, draw.train, **what)
    made = PatchSet("synthetic", images, target=masks["mito"])
    held_out = structure_examples("validation", path, draw.validation, **what)
    found = {"masks": [masks[name].tobytes() for name in CONDITIONS], "instances": numbers["mito"].tobytes()}
    found |= {"generator": network_bytes(generator), "losses": losses, "images": images.tobytes()}
    found["kept"] = kept
    training = {"training__steps": 2, "training__validation": {"every": 1, "stop_after": 0, "keep": "best"}}
    for name, sets in (("real", [own]), ("mixed", [own, made])):
        net, history = segmenter_trainer(sets, held_out, **edited(SEGMENTER, **training)).train(
            saving(folder / name)
        )
        found[name] = network_bytes(net), history
    return found


def test_labels_beyond_the_budget_change_no_byte(tmp_path, volume):
    """Others of the train block, of the stack of its own that joins it, of the test block, of no block."""
    write_volume(tmp_path / "v.h5", volume)
    draw = draw_of(tmp_path / "v.h5", **RUN)
    assert draw.count == 4 and any(first >= 12 for first, _ in draw.labelled)
    beyond = sorted(set(range(DEPTH)) - set(slice_numbers(draw.labelled)))
    before = learnt(tmp_path / "before", volume)
    after = learnt(tmp_path / "after", scrambled(volume, beyond))
    for name, found in before.items():
        assert after[name] == found, name

    # Labels of the draw do: those to validate on choose weights alone, those to learn from change everything.
    after = learnt(tmp_path / "validation", scrambled(volume, slice_numbers(draw.validation)))
    assert [name for name in before if after[name] != before[name]] == ["real", "mixed"]
    after = learnt(tmp_path / "train", scrambled(volume, slice_numbers(draw.train)))
    assert [name for name in before if after[name] == before[name]] == []
