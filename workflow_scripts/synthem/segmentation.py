"""Training of segmenters: image (and known masks) -> mask."""

import math

import numpy as np
import torch

from synthem.augment import brightness_and_contrast, flip_and_turn, gaussian_noise
from synthem.intensity import network_input
from synthem.losses import bce, dice
from synthem.networks.saving import build_network
from synthem.networks.unet import SEGMENTERS
from synthem.patches import draw_batch
from synthem.training import pick_device, seed_everything, train

VALIDATION_PATCHES = 16


def train_segmenter(
    sets,
    validation,
    *,
    network,
    steps,
    batch_size,
    patch,
    learning_rate,
    noise,
    seed,
    folder,
    fingerprint,
    checkpoint_every,
):
    """Fit a segmenter to patches of `sets` (a list of PatchSet); return it and the history of its losses.

    The network of the last step is the result, since arms are compared at equal steps; the learning rate
    has fallen to 0 by then. The weights at the start depend on the seed alone, and the k-th patch from a set
    does not depend on the other sets: arms of one seed differ in nothing but their data.
    """
    seed_everything(seed)
    channels = 1 + len(sets[0].conditions)
    net = build_network(SEGMENTERS, seed=seed, in_channels=channels, out_channels=1, **network)
    task = Segmentation(
        net.to(pick_device(), memory_format=torch.channels_last),  # a third faster on CPU, and never slower
        sets,
        validation,
        steps=steps,
        batch_size=batch_size,
        patch=patch,
        learning_rate=learning_rate,
        noise=noise,
        seed=seed,
    )
    history = train(
        task, steps=steps, checkpoint_every=checkpoint_every, folder=folder, fingerprint=fingerprint
    )
    return net.cpu().eval(), history


class Segmentation:
    """What `train` needs to know about a segmenter."""

    def __init__(self, net, sets, validation, *, steps, batch_size, patch, learning_rate, noise, seed):
        self.net, self.sets, self.steps = net, sets, steps
        self.batch = {"seed": seed, "batch_size": batch_size, "size": patch}
        self.learning_rate, self.noise = learning_rate, noise
        self.device = next(net.parameters()).device
        self.optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate, fused=True)
        self.parts = {"network": net, "optimizer": self.optimizer}
        # The same places for every seed and arm, so that validation losses can be compared.
        fixed = draw_batch([validation], seed=0, step=0, batch_size=VALIDATION_PATCHES, size=patch)
        self.validation = as_tensors(fixed, self.device)

    def step(self, number):
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * (1 + math.cos(math.pi * number / self.steps)) / 2
        channels, target = self.batch_of(number)  # [B, C, Y, X], [B, 1, Y, X]
        logits = self.net.train()(channels)
        losses = {"bce": bce(logits, target), "dice": dice(logits, target)}
        self.optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        self.optimizer.step()
        return losses

    def batch_of(self, number):
        """Patches of this step, each changed in its own way; noise goes on the image, not on known masks."""
        patches = draw_batch(self.sets, step=number, **self.batch)
        seeds = [patch.seed for patch in patches]
        channels, target = as_tensors(patches, self.device)
        channels, target = flip_and_turn(torch.cat([channels, target], dim=1), seeds).tensor_split(
            [-1], dim=1
        )
        image = brightness_and_contrast(channels[:, :1], seeds)
        image = gaussian_noise(image, seeds, noise=self.noise)
        return torch.cat([image, channels[:, 1:]], dim=1), target

    @torch.no_grad()
    def validate(self):
        channels, target = self.validation
        self.net.eval()
        logits = torch.cat([self.net(part) for part in channels.split(self.batch["batch_size"])])
        found, true = logits > 0, target > 0
        union = (found | true).sum().item()
        return {
            "validation_loss": (bce(logits, target) + dice(logits, target)).item(),
            "validation_iou": (found & true).sum().item() / union if union else 1.0,
        }


def as_tensors(patches, device):
    """Patches -> channels [B, 1 + C, Y, X] and target [B, 1, Y, X], float32 on the device."""
    channels = np.stack([network_input(p.image, p.mean, p.deviation, p.conditions) for p in patches])
    target = np.stack([p.target[None] for p in patches]).astype(np.float32)
    return to_device(channels, device), to_device(target, device)


def to_device(array, device):
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor
