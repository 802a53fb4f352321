"""Runs in the peers' environment: predictions by Synthem or by MONAI's sliding window, the same network.

Arguments: who, folder, threads. The folder has network.pt and volume.h5. A line on stdin: `memory` (the whole
volume by a network that does nothing: MiB above the start; to be asked first), or a precision (one slice;
probabilities go to the file <who>-<precision>.npy). The first line on stdout: the version.
"""

import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import rounds  # noqa: F401  it says where the library is
import torch

from synthem.compute.allocation import keep_freed_memory
from synthem.inference.predicting import predict_blocks
from synthem.inference.segmenting import Segmenter
from synthem.intensity import slice_statistics, standardise
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import load_network
from synthem.storage.arrays import as_stored, read_array

CPU = torch.device("cpu")
WHOLE = {"tile": 1024, "halo": 160, "tile_slices": 32, "halo_slices": 24, "turns": 1}
SLIDING = {"roi_size": (256, 256), "sw_batch_size": 4, "overlap": 0.5}


class Nothing(torch.nn.Module):
    """A network that costs no memory: its logits are what it sees."""

    multiple, greys = 1, "standardised"
    built_as = {"arguments": {"out_channels": 1}}  # noqa: RUF012

    def forward(self, x):
        return x


class Synthem:
    package = "torch"

    def __init__(self, folder):
        self.folder = folder
        keep_freed_memory()  # as every job of the workflow does, started as they are
        net = load_network(folder / "network.pt", SEGMENTERS)
        self.segmenters = {
            word: Segmenter(net, precision=word, device=CPU, **WHOLE) for word in ("fp32", "bf16")
        }

    def predict(self, image, precision):
        return self.segmenters[precision].probabilities([image])

    def whole_volume(self):
        nothing = Segmenter(Nothing(), precision="fp32", device=CPU, **WHOLE)
        predict_blocks(self.folder / "synthem.h5", self.folder / "volume.h5", nothing, validation=((0, 1),))


class Monai:
    package = "monai"

    def __init__(self, folder):
        from monai.inferers import sliding_window_inference

        self.folder, self.slide = folder, sliding_window_inference
        self.net = load_network(folder / "network.pt", SEGMENTERS)

    def predict(self, image, precision):
        seen = np.stack([standardise(*plane) for plane in zip(image, *slice_statistics(image), strict=True)])
        with torch.inference_mode():
            logits = self.slide(torch.from_numpy(seen)[:, None], **SLIDING, predictor=self.net)
            return torch.sigmoid(logits)[:, 0].numpy()

    def whole_volume(self):
        """All slices as one batch, as it takes a volume."""
        self.net = Nothing()
        image = read_array(self.folder / "volume.h5", "image")
        return as_stored(self.predict(image, "fp32"))


PEERS = {"Synthem": Synthem, "MONAI": Monai}


def megabytes(what):
    """Of this process: VmRSS now, VmHWM at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024


def memory_of(peer):
    before = megabytes("VmRSS")
    peer.whole_volume()
    return megabytes("VmHWM") - before


def main(who, folder, threads):
    torch.set_num_threads(int(threads))
    folder = Path(folder)
    peer = PEERS[who](folder)
    image = read_array(folder / "volume.h5", "image", block=[(0, 1)])
    print(version(peer.package), flush=True)
    for line in sys.stdin:
        request = line.strip()
        if request == "memory":
            print(memory_of(peer), flush=True)
            peer = PEERS[who](folder)
            continue
        found = peer.predict(image, request)
        np.save(folder / f"{who}-{request}.npy", found)
        print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
