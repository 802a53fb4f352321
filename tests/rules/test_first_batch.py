"""The rule `show_batch`, which nothing but a figure of that path asks for."""

import h5py
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from tests.shared.nano_workflow import jobs_in

RUN = "hippocampus/mixed/budget-all/replicate-1/seed-1"
SYNTHETIC = "synthesis/hippocampus/synthetic/budget-all/replicate-1/volume.h5"
FIGURE = "results/figures/batches/hippocampus/{}/budget-all.png"


def places_of(patch, volume):
    """Where a standardised patch [y, x] lies in the slices of a volume: [n, (z, y, x)]."""
    slices = volume["image"][...].astype(float)
    mean, deviation = (moment(slices, axis=(1, 2), keepdims=True) for moment in (np.mean, np.std))
    windows = sliding_window_view((slices - mean) / deviation, patch.shape, axis=(1, 2))
    return np.argwhere(np.abs(windows - patch).max(axis=(3, 4)) < 1e-4)


def test_the_figure_of_the_first_batch_shows_patches_of_each_data_set_and_trains_nothing(nano):
    done = nano.run(FIGURE.format("mixed"))
    assert {rule for rule, _ in jobs_in(done)} == {"show_batch", "draw_batch"}
    results = nano.folder / "results"
    with h5py.File(results / f"unets/{RUN}/batch.h5") as batch:
        assert list(batch.attrs["data_sets"]) == ["real", "synthetic"]  # a half of two patches each
        assert batch.attrs["target"] == "mask" and tuple(batch.attrs["voxel_size_nm"]) == (5, 5, 5)
        for number, file in enumerate(("volumes/hippocampus/volume.h5", SYNTHETIC)):
            image, target = (batch[f"unchanged/{part}"][number, 0] for part in ("image", "target"))
            with h5py.File(results / file) as volume:
                ((z, y, x),) = places_of(image, volume)
                mask = volume["masks/mitochondria"][z, y : y + 32, x : x + 32]
            np.testing.assert_array_equal(target, mask)
            assert (batch["seen/image"][number, 0] != image).any(), "it is changed on its way"
    with Image.open(nano.folder / FIGURE.format("mixed")) as figure:
        assert figure.format == "PNG"


def test_a_batch_that_was_shown_is_stale_by_what_fills_patches_and_by_nothing_else(nano):
    figure = FIGURE.format("real")
    nano.run(figure)
    assert nano.stale(figure) == set()
    library = nano.folder / "workflow_scripts/synthem"
    for module, expected in (
        ("training/losses.py", set()),
        ("networks/unet3d.py", set()),
        ("patches/augment.py", {"show_batch", "draw_batch"}),
    ):
        path = library / module
        path.write_text(path.read_text() + "\n\nADDED = 1\n")
        assert nano.stale_rules(figure) == expected, module
