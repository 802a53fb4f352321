"""Networks in use on a GPU: what a processor finds, too, and errors about the memory of the GPU."""

import numpy as np
import pytest
import torch

from synthem.compute.devices import pick_device
from synthem.compute.launcher import side_by_side
from synthem.errors import SynthemError
from synthem.inference.segmenting import Segmenter
from synthem.plans.timing import measured
from synthem.synthesis.generating import generate_slices
from synthem.training.segmenter import segmenter_trainer
from tests.shared.gan_settings import MEMBRANE_TRANSFER, squares
from tests.shared.gan_steps import generator_of
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import SEGMENTER, discs
from tests.shared.segmenters import INFERENCE, boundless, unet, unet3d
from tests.shared.settings import edited, saving

CPU = torch.device("cpu")


def test_the_gpu_is_picked_and_32_bits_are_32_bits(device):
    assert pick_device() == device
    x = torch.rand(64, 64, device=device) + 1
    # TF32 would round to three digits.
    torch.testing.assert_close(x @ x, (x.double() @ x.double()).float(), rtol=1e-5, atol=0)


@pytest.mark.parametrize("net", [unet, unet3d, boundless], ids=lambda build: build.__name__)
@pytest.mark.parametrize(("precision", "near"), [("fp32", 0.001), ("bf16", 0.1)])
def test_probabilities_are_those_of_a_processor(device, net, precision, near):
    pick_device()  # as jobs do
    image = np.random.default_rng(0).integers(0, 256, (8, 64, 48), np.uint8)
    settings, net = INFERENCE | {"turns": 8}, net()
    expected = Segmenter(net, device=CPU, **settings).probabilities([image])
    found = Segmenter(net, device=device, **settings | {"precision": precision}).probabilities([image])
    assert np.abs(found - expected).max() < near * np.ptp(expected)


def test_images_without_chance_are_those_of_a_processor(device):
    pick_device()
    certain = edited(MEMBRANE_TRANSFER, generator__pix2pix__dropout=0)
    masks = list(squares().conditions.values())
    place = {"tile": 32, "halo": 8, "seed": 0}
    ours, theirs = (
        generate_slices(generator_of(certain), masks, device=where, **place).astype(int)
        for where in (device, CPU)
    )
    assert abs(ours - theirs).max() <= 1


def test_chance_is_that_of_the_seed_and_leaves_the_chance_of_others_alone(device):
    masks = list(squares().conditions.values())
    torch.manual_seed(7)
    expected = torch.rand(3, device=device)
    torch.manual_seed(7)
    place = {"tile": 64, "halo": 0, "device": device}
    generator = generator_of(MEMBRANE_TRANSFER)
    first, again, other = (generate_slices(generator, masks, seed=seed, **place) for seed in (0, 0, 1))
    assert torch.equal(torch.rand(3, device=device), expected)
    assert abs(first.astype(int) - again).max() <= 1 < abs(first.astype(int) - other).max()


def test_a_training_that_does_not_fit_names_the_keys_of_its_section(tmp_path, gpu):
    network = of_kind("unet", base_width=16, depth=2)
    large = edited(SEGMENTER, training__patch=512, training__batch_size=16, network=network)
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(gpu).total_memory
    torch.cuda.set_per_process_memory_fraction(500e6 / total)  # one layer needs half of that
    try:
        with pytest.raises(SynthemError) as told:
            segmenter_trainer([discs("real")], discs("validation"), **large).train(saving(tmp_path))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    error = str(told.value)
    assert error.startswith("ERROR MEMORY unets: a training step needs about ")
    assert "CUDA out of memory" in error and "unets.training.batch_size (16)" in error


def test_more_processes_than_gpus_are_refused(gpu):
    there = torch.cuda.device_count()
    with pytest.raises(SynthemError, match=f"{there + 1} GPUs asked for, {there} found"):
        side_by_side(there + 1, print)


def test_a_plan_times_the_steps_that_a_training_takes(device):
    """Milliseconds, of a small network: not the second around them, nor what the first steps cost."""
    settings = edited(SEGMENTER, network=of_kind("unet", base_width=4, depth=2))
    keys = {key: settings[key] for key in ("network", "training")}
    (step,) = measured([("unets", keys | {"target": {"kind": "mask"}})], torch_threads=1, limit=20)
    assert 1e-4 < step["seconds"] < 0.05
