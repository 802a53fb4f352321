"""Predictions of `unet3d` on one thread: 20 x 192 x 192 voxels, channels last as ours are, and contiguous.

Contiguous, torch computes the convolutions of one thread without oneDNN. Goal: nowhere slower.
"""

from functools import partial
from itertools import product

import torch
from rounds import median_seconds, print_result, ratios

from synthem.compute.precision import computing_in
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network

ROUNDS, BLOCK, WIDTHS, PRECISIONS = 3, (1, 1, 20, 192, 192), (8, 16, 32), ("fp32", "bf16")
LAYOUTS = {"channels last": torch.channels_last_3d, "contiguous": torch.contiguous_format}
TOLERANCE = 1e-3  # of logits in float32
OPTIONS = {"in_channels": 1, "out_channels": 1, "isotropic": False, "max_pool": False}


@torch.inference_mode()
def predict(net, block, precision):
    with computing_in(precision, block.device):
        return net(block)


def main():
    torch.set_num_threads(1)
    block, found, equal = torch.randn(BLOCK, generator=torch.Generator().manual_seed(0)), {}, {}
    for width, precision in product(WIDTHS, PRECISIONS):
        nets = {
            name: build_network(SEGMENTERS, "unet3d", seed=0, base_width=width, **OPTIONS)
            .eval()
            .to(memory_format=layout)
            for name, layout in LAYOUTS.items()
        }
        actions = {name: partial(predict, net, block, precision) for name, net in nets.items()}
        if precision == "fp32":
            ours, theirs = (action() for action in actions.values())
            equal[f"base {width}: largest difference"] = float((ours - theirs).abs().max())
        seconds = median_seconds(actions, rounds=ROUNDS)
        times = ratios(seconds, "channels last")["contiguous"]
        found[f"base {width}, {precision}"] = times
        print(
            f"base {width}, {precision}: {seconds['channels last']:.2f} s, contiguous {times:.2f} times that"
        )
    print(f"nowhere slower: {'met' if min(found.values()) >= 1 else 'missed'}")
    if max(equal.values()) > TOLERANCE:
        raise SystemExit(f"logits differ: {equal}")
    print_result("inference_3d", ratios=found, equal=equal, libraries=["torch"])


if __name__ == "__main__":
    main()
