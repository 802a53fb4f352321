"""Networks as they are shared: with their card, and with the volume that they segment."""

import numpy as np

from synthem.sharing.cards import card_of
from synthem.storage.volumes import Facts, Volume, open_volume, write_volume

RUN = {"volume": "cortex.2", "arm": "real", "budget": "8", "replicate": "1", "seed": "1"}
MADE = {"version": "0.1.0", "commit": "c"}
ORIGIN = {"rule": "train_unet", "settings_hash": "5e7", "seed": 1001, "code": "c0de", "synthem": MADE}
ORIGIN |= {"versions": {"torch": "2.13.0+cpu"}, "inputs": {"/home/ada/volume.h5": "4a5"}, "hardware": {}}
THRESHOLD = {"mask_threshold": 0.45, "method": "bodies", "settings": {"threshold": 0.45}, "curve": []}
INFERENCE = {"tile": 64, "halo": 16, "tile_slices": 8, "halo_slices": 4, "turns": 8, "precision": "bf16"}
WATERSHED = {"method": "bodies", "tune_by": "voi", "settings": {"thresholds": [0.45], "smallest_nm3": 7.0}}
CHOSEN = {
    "segments": "mitochondria",
    "target": {"kind": "mask"},
    "inference": INFERENCE,
    "watershed": WATERSHED,
    "authors": ["Ada Lovelace"],
    "licence": "CC-BY-4.0",
    "cite": ["10.1109/ISBI.2013.6556567"],
}


def noise(shape, dtype="uint8"):
    """Grey levels of which each slice has a mean and a deviation of its own."""
    values = np.random.default_rng(0).normal(100, 15, shape)
    values += np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1)) * 5
    return values.clip(0, 255).astype(dtype)


def shared(write, folder, net, *, shape=(9, 72, 90), dtype="uint8", end="file", **others):
    """Write a network as `write` does; the path. Its test block is all slices but the first two."""
    facts = Facts((50, 5, 4), blocks={"train": ((0, 2),), "test": ((2, shape[0]),)})
    write_volume(folder / "volume.h5", Volume(noise(shape, dtype), facts))
    found = {"threshold": THRESHOLD, "origin": ORIGIN, "run": RUN}
    with open_volume(folder / "volume.h5") as volume:
        card = card_of(net, volume, **found, **CHOSEN | others)
        write(folder / end, net, card, volume)
    return folder / end
