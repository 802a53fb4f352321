"""The batch that is drawn is the one that a training takes first."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from synthem.compute.devices import use_threads
from synthem.training.segmenter import Segmentation, segmenter_trainer
from synthem.training.shown import first_batch
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import DEEP, SEGMENTER, cell_labels, discs, half_known
from tests.shared.settings import edited, saving

use_threads(1)
PHASES = ((0, (0.25, 0.75)),)
PARTS = ("image", "target", "known")


def taken_first(folder, sets, monkeypatch, settings):
    """The batch of step 0 of a real training."""
    batches, batch_of = {}, Segmentation.batch_of

    def watched(self, number):
        batches[number] = batch_of(self, number)
        return batches[number]

    monkeypatch.setattr(Segmentation, "batch_of", watched)
    segmenter_trainer(sets, sets[0], phases=PHASES, **settings).train(saving(folder))
    return batches[0]


@pytest.mark.parametrize(
    ("make", "changed"),
    [
        (discs, {}),
        (discs, DEEP),
        (discs, {"network": of_kind("boundless", base_width=2)}),
        (cell_labels, {}),
        (cell_labels, DEEP),
        (lambda name, seed=0: replace(half_known(), name=name), {}),
    ],
    ids=["2-D", "3-D", "unit greys", "affinities", "affinities in 3-D", "partly known"],
)
def test_what_is_shown_is_what_a_training_takes_first(tmp_path, monkeypatch, make, changed):
    sets = [make("real"), make("synthetic", 1)]
    settings = edited(SEGMENTER, training__steps=1, training__validation__every=1, **changed)
    taken = taken_first(tmp_path, sets, monkeypatch, settings)
    network, training = settings["network"], settings["training"]
    arrays, names = first_batch(sets, phases=PHASES, network=network, training=training)
    for name, part in zip(PARTS, taken, strict=True):
        expected = np.ones_like(taken[1].numpy()) if part is None else part.numpy()
        np.testing.assert_array_equal(arrays[f"seen/{name}"], expected)
    assert len(names) == len(arrays["seen/image"]) and set(names) <= {"real", "synthetic"}
    if len(names) == 4:
        assert sorted(names) == ["real", "synthetic", "synthetic", "synthetic"]


def test_unchanged_patches_are_windows_of_the_slices_of_their_set():
    sets = {name: discs(name, seed) for name, seed in (("real", 0), ("synthetic", 1))}
    network, training = SEGMENTER["network"], SEGMENTER["training"]
    arrays, names = first_batch([*sets.values()], phases=PHASES, network=network, training=training)
    for name, image, target, seen in zip(
        names,
        arrays["unchanged/image"],
        arrays["unchanged/target"],
        arrays["seen/target"],
        strict=True,
    ):
        slices = sets[name].image.astype(float)
        mean, deviation = (moment(slices, axis=(1, 2), keepdims=True) for moment in (np.mean, np.std))
        windows = sliding_window_view((slices - mean) / deviation, (32, 32), axis=(1, 2))
        (place,) = np.argwhere(np.abs(windows - image[0]).max(axis=(3, 4)) < 1e-4)
        masks = sliding_window_view(sets[name].target, (32, 32), axis=(1, 2))
        np.testing.assert_array_equal(target[0], masks[tuple(place)])
        assert seen.sum() == target.sum()  # they are but turned
    assert (arrays["seen/image"] != arrays["unchanged/image"]).any()
