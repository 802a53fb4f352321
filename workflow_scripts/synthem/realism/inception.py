"""Features of Inception v3, which FID is of (Heusel 2017), where the user has a file of its weights."""

import numpy as np
import torch
import torch.nn.functional as F

from synthem.errors import SynthemError
from synthem.intensity import colours_first, to_unit
from synthem.networks.inception import read_inception

SIDE = 299  # pixels that FID enlarges images to


@torch.inference_mode()
def pooled_features(images, path):
    """Patches uint8 [n, Y, X] or [n, Y, X, C] -> float64 [n, 2048], those before the last layer.

    A grey image is seen by the first layer of one colour. FIDs by other weights are other numbers.
    """
    net = read_inception(path, 1 if images.ndim == 3 else images.shape[3])
    if net is None:
        raise SynthemError(
            "NETWORK_FILE",
            path,
            "no weights of Inception v3",
            expected="the weights of torchvision's inception_v3, 1000 classes",
            fix="name another file in realism.inception, or none",
        )
    net.fc = torch.nn.Identity()
    rows = []
    for image in images:  # one by one: memory does not grow with their number
        seen = torch.from_numpy(np.ascontiguousarray(colours_first(to_unit(image))))[None]
        seen = F.interpolate(seen, [SIDE, SIDE], mode="bilinear", antialias=True)
        rows.append(net(seen)[0].numpy().astype(np.float64))
    return np.stack(rows)
