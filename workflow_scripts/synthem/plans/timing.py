"""How long a training step takes on this machine: a few steps of the real thing on random images."""

import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from synthem.compute.devices import compute_as
from synthem.compute.memory import device_bytes, step_bytes_here
from synthem.errors import bytes_in_words
from synthem.gans.boundless import boundless_trainer
from synthem.gans.conditions import channels_of
from synthem.gans.stylegan import LABEL_MAPS, stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.labels.targets import steps_of
from synthem.patches.places import PatchSet
from synthem.training.capture import PLAIN_STEPS
from synthem.training.segmenter import segmenter_trainer

LIMIT = 25  # seconds, for all networks of a plan together
MOST_STEPS = 10  # that are timed; on a GPU MORE times as many, again and again, while they are too short
MORE = 4
TOO_LONG = 3  # seconds of a step, beyond which it is reckoned from one of a single patch
CLASSES = 4  # of label maps: two masks and all their combinations
LOWER = ("batch_size", "patch")  # keys of `training` that memory depends on
SLICES = 3  # of random images, where a network does not look at more


def measured(wanted, *, torch_threads, deterministic=False, limit=LIMIT):
    """[(section, settings)] -> [{seconds of a step, bytes of the network, bytes of a saved state} or None].

    Equal settings are measured once. What the limit (seconds) leaves no time for is None. What needs more
    memory than there is gets no step, but {too_large: why}.
    """
    compute_as(torch_threads=torch_threads, deterministic=deterministic)
    # Of a processor its own time, for other programs may use it now that will not for the whole study.
    alone = torch.cuda.is_available()
    clock = time.perf_counter if alone else lambda: time.process_time() / torch_threads
    timed, found = step_of_a_gpu if alone else step_of, {}
    keys = [repr(one) for one in wanted]
    for key, (section, settings) in dict(zip(keys, wanted, strict=True)).items():
        if why := too_large(section, settings):
            found[key] = {"too_large": why}
    start = time.perf_counter()  # shapes are counted whatever the limit
    for key, (section, settings) in zip(keys, wanted, strict=True):
        spent = time.perf_counter() - start
        if key not in found and spent < limit:
            share = (limit - spent) / len(set(keys) - found.keys())
            found[key] = timed(section, settings, share, clock)
    return [found.get(key) for key in keys]


def too_large(section, settings):
    """Why a training step cannot fit into the memory that is here, and what to lower; "" where it may."""
    training, most = settings["training"], device_bytes()
    counted = TRAINERS[section](_alone(settings)).step_bytes()
    need = step_bytes_here(*counted, precision=training["precision"])
    if need <= most:
        return ""
    lower = " or ".join(f"{section}.training.{key} ({training[key]})" for key in LOWER if key in training)
    found = f"a training step needs about {bytes_in_words(need)} of memory"
    return f"{section}: {found}, {bytes_in_words(most)} can be had here: lower {lower}"


def step_of(section, settings, seconds, clock):
    """Time one kind of network for about so many seconds, by the clock ()."""
    batch = settings["training"]["batch_size"]
    with tempfile.TemporaryDirectory() as folder:
        one, sizes = _timed(section, settings, 1, 1, folder, clock)  # compiles and loads what all steps need
        again, sizes = _timed(section, settings, 1, 1, folder, clock)
        if min(one, again) * batch > TOO_LONG:
            two, _ = _timed(section, settings, 1, 2, folder, clock)  # without what a start takes
            return {"seconds": max(two - min(one, again), 1e-4) * batch} | sizes
        whole, _ = _timed(section, settings, batch, 1, folder, clock)
        steps = int(min(MOST_STEPS, max(1, (seconds - one - again - whole) / max(whole, 0.05) / 2)))
        more, _ = _timed(section, settings, batch, 1 + steps, folder, clock)
    return {"seconds": max(more - whole, 1e-4) / steps} | sizes


def step_of_a_gpu(section, settings, seconds, clock):
    """`step_of` on a GPU, whose first steps say nothing of the others.

    In the very first ones it measures algorithms, and in each training a few are plain before one is captured
    as a CUDA graph. A single patch takes as long there as a batch. Steps are of milliseconds, a training
    around them of a second: as many are taken as outweigh it, if there is time for them.
    """
    batch, begun, start = settings["training"]["batch_size"], PLAIN_STEPS + 1, clock()
    with tempfile.TemporaryDirectory() as folder:
        _timed(section, settings, batch, begun, folder, clock)
        whole, sizes = _timed(section, settings, batch, begun, folder, clock)
        steps = MOST_STEPS
        more, _ = _timed(section, settings, batch, begun + steps, folder, clock)
        while more < 2 * whole and clock() - start + whole + MORE * (more - whole) < seconds:
            steps *= MORE
            more, _ = _timed(section, settings, batch, begun + steps, folder, clock)
    return {"seconds": max(more - whole, 1e-4) / steps} | sizes


def _timed(section, settings, batch_size, steps, folder, clock):
    """(Seconds of so many steps with all around them, sizes of what is saved)."""
    settings = _alone(settings, batch_size=batch_size, steps=steps)
    saving = {"folder": f"{folder}/{section}-{batch_size}-{steps}-{time.perf_counter_ns()}"}
    saving |= {"fingerprint": "", "checkpoint_every": 10**9, "tensorboard": False}
    start = clock()
    net, _ = TRAINERS[section](settings).train(saving)
    spent = clock() - start
    states = [path.stat().st_size for path in Path(saving["folder"]).glob("*.pt")]
    weights = sum(part.numel() * part.element_size() for part in net.state_dict().values())
    return spent, {"network": weights, "state": max(states, default=0)}


def _alone(settings, **changed):
    """Settings of a training that needs no seed and no file of another one, and takes all its steps.

    Of noise there is little to learn: guards would stop it, or validation losses that fall no longer.
    """
    training = settings["training"] | {"seed": 0} | changed
    if "start" in training:
        training["start"] = training["start"] | {"from": ""}
    if "stop_after" in training.get("validation", {}):
        training["validation"] = training["validation"] | {"stop_after": 0}
    guards = {"guards": settings["guards"] | {"on_failure": "record"}} if "guards" in settings else {}
    return {**settings, **guards, "training": training}


def _segmenter(section):
    def trainer(settings):
        target = settings.get("target", {"kind": "mask"})
        options = settings["network"][settings["network"]["kind"]]
        seen = settings.get("sees", ["image"])[1:]
        learnt = _images(settings, beside=seen, target=target, slices=options.get("patch_slices", SLICES))
        keys = {key: settings[key] for key in ("network", "training")}
        return segmenter_trainer([learnt], learnt, **keys, section=section)

    return trainer


def _gan(settings):
    keys = {key: value for key, value in settings.items() if key not in ("conditions", "one_hot")}
    seen = channels_of(settings["conditions"], one_hot=settings["one_hot"])
    return gan_trainer(_images(settings, beside=seen), **keys)


def _boundless(settings):
    learnt = _images(settings)
    return boundless_trainer(learnt, learnt, **settings | {"semantics": None})


def _stylegan(settings):
    keys = {key: value for key, value in settings.items() if key not in ("wanted", "samples")}
    return _full_size(keys, ())


def _mask_generator(settings):
    keys = {key: value for key, value in settings.items() if key != "scale"}
    return _full_size(keys, (CLASSES,), kind=LABEL_MAPS)


def _full_size(settings, channels, **kind):
    """A StyleGAN whose images do not grow: the first steps of one that grows are its shortest by far."""
    size, growth = settings["network"]["size"], settings["progressive"] | {"first_side": 0}
    images = np.random.default_rng(0).integers(0, 256, (SLICES, size, size, *channels), np.uint8)
    own = settings | {"progressive": growth}
    return stylegan_trainer(PatchSet("timing", images), **kind, **own)


TRAINERS = {  # section of the config: its settings -> a Trainer
    **{section: _segmenter(section) for section in ("unets", "membranes")},
    "gans": _gan,
    "mask_generator": _mask_generator,
    "stylegan": _stylegan,
    "pretraining": _boundless,
}


def _images(settings, *, beside=(), target=None, slices=SLICES):
    """A PatchSet of noise, large enough for patches that are bent."""
    size = 2 * settings["training"]["patch"]
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (slices, size, size), np.uint8)
    mask = (image > 127).astype(np.uint8)
    steps = steps_of(target) if target else None
    learnt = {"labels": mask.astype(np.uint32), "steps": tuple(steps)} if steps else {"target": mask}
    return PatchSet("timing", image, dict.fromkeys(beside, mask), **(learnt if target else {}))
