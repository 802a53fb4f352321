"""Runs in the peers' environment: for every line on stdin, take training steps and answer the loss.

Arguments: whose steps, pixels of a side, threads, and sizes: width of the first level x samples in a batch.
A line on stdin: a size and how many steps. The first line on stdout: version, and how many weights the
convolutions have. Each peer has the form and precision that it comes in; where one does more (nnU-Net's deep
supervision, its clipping of gradients), that is left out.
"""

import contextlib
import json
import sys
from importlib import import_module
from importlib.metadata import distribution, version
from types import ModuleType

import torch
import torch.nn.functional as F
from torch import nn

LEVELS = 5  # of a U-Net of four halvings
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


def nnunet(width, image, mask):
    from dynamic_network_architectures.architectures.unet import PlainConvUNet

    net = PlainConvUNet(
        input_channels=1,
        n_stages=LEVELS,
        features_per_stage=[width * 2**level for level in range(LEVELS)],
        conv_op=nn.Conv2d,
        kernel_sizes=3,
        strides=[1] + [2] * (LEVELS - 1),
        n_conv_per_stage=2,
        num_classes=1,
        n_conv_per_stage_decoder=2,
        conv_bias=True,
        norm_op=nn.InstanceNorm2d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
    ).to(image.device)
    optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.99, nesterov=True, weight_decay=3e-5)
    on_gpu = image.device.type == "cuda"  # there, and only there, it computes in float16
    scaler = torch.amp.GradScaler(enabled=on_gpu)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cuda") if on_gpu else contextlib.nullcontext():
            logits = net(image)
            found = torch.sigmoid(logits)
            overlap = 2 * (found * mask).sum() / (found.sum() + mask.sum()).clip(1e-8)
            loss = F.binary_cross_entropy_with_logits(logits, mask) - overlap
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        return loss

    return step, [net], "dynamic-network-architectures"


def monai(width, image, mask):
    from monai.losses import DiceCELoss
    from monai.networks.nets import BasicUNet

    widths = [width * 2**level for level in range(LEVELS)]
    net = BasicUNet(spatial_dims=2, in_channels=1, out_channels=1, features=(*widths, width))
    net.to(image.device)
    formula = DiceCELoss(sigmoid=True)
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)

    def step():
        optimizer.zero_grad()
        loss = formula(net(image), mask)
        loss.backward()
        optimizer.step()
        return loss

    return step, [net], "monai"


def biapy(width, image, mask):
    net = biapy_u_net()(
        image_shape=(*image.shape[2:], 1),
        activation="elu",
        feature_maps=[width * 2**level for level in range(LEVELS)],
        drop_values=[0.0] * LEVELS,
        normalization="in",
        larger_io=False,
    ).to(image.device)
    optimizer = torch.optim.SGD(net.parameters(), 1e-4, momentum=0.9, weight_decay=0.02)

    def step():
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(image), mask)
        loss.backward()
        optimizer.step()
        return loss

    return step, [net], "biapy"


def biapy_u_net():
    """BiaPy's class. Its packages import dozens of others, torchvision among them, for other networks.

    So they are entered without what they say when imported, and two layers that no U-Net has are stand-ins.
    """
    root = distribution("biapy").locate_file("biapy")
    layers = {"stochastic_depth": {"StochasticDepth": nn.Module}, "misc": {"Permute": nn.Module}}
    modules = {"biapy": {"__path__": [str(root)]}, "biapy.models": {"__path__": [str(root / "models")]}}
    modules |= {"torchvision": {}, "torchvision.ops": {}}
    modules |= {f"torchvision.ops.{name}": content for name, content in layers.items()}
    for name, content in modules.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(content)
    return import_module("biapy.models.unet").U_Net


class Level(nn.Module):
    """A level of pix2pix's generator and all below it; what comes in is passed on beside what comes out."""

    def __init__(self, outer, inner, below, *, dropout=False):
        super().__init__()
        down = [nn.LeakyReLU(0.2), nn.Conv2d(outer, inner, 4, 2, 1, bias=below is None)]
        up = [nn.ReLU(), nn.ConvTranspose2d(2 * inner if below else inner, outer, 4, 2, 1, bias=False)]
        middle = [nn.BatchNorm2d(inner), below] if below else []
        after = [nn.BatchNorm2d(outer)] + [nn.Dropout(0.5)] * dropout
        self.layers = nn.Sequential(*down, *middle, *up, *after)

    def forward(self, x):
        return torch.cat([x, self.layers(x)], dim=1)


def isola_generator(width):
    """C64-C128-C256-C512 x 5 and back (Isola et al. 2017, section 6.1)."""
    level = Level(8 * width, 8 * width, None, dropout=True)  # 2 x 2 -> 1 x 1
    for dropout in (True, True, False):
        level = Level(8 * width, 8 * width, level, dropout=dropout)
    for outer in (4 * width, 2 * width, width):
        level = Level(outer, 2 * outer, level)
    first, last = nn.Conv2d(1, width, 4, 2, 1), nn.ConvTranspose2d(2 * width, 1, 4, 2, 1)
    return nn.Sequential(first, level, nn.ReLU(), last, nn.Tanh())


def isola_discriminator(width):
    """C64-C128-C256-C512 and a logit for each patch of 70 x 70."""
    layers = [nn.Conv2d(2, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for before, stride in ((width, 2), (2 * width, 2), (4 * width, 1)):
        conv = nn.Conv2d(before, 2 * before, 4, stride, 1, bias=False)
        layers += [conv, nn.BatchNorm2d(2 * before), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


def pix2pix(width, image, mask):
    generator, discriminator = isola_generator(width), isola_discriminator(width)
    rates = {"lr": 2e-4, "betas": (0.5, 0.999)}
    parts = []
    for net in (generator, discriminator):
        net.apply(lambda module: isinstance(module, CONVOLUTIONS) and nn.init.normal_(module.weight, 0, 0.02))
        parts.append(torch.optim.Adam(net.to(image.device).parameters(), **rates))
    of_generator, of_discriminator = parts

    def verdict(drawn, real):
        logits = discriminator(torch.cat([mask, drawn], dim=1))
        return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, real))

    def step():
        fake = generator(mask)
        discriminator.requires_grad_(True)
        of_discriminator.zero_grad()
        ((verdict(fake.detach(), 0) + verdict(image, 1)) / 2).backward()
        of_discriminator.step()
        discriminator.requires_grad_(False)
        of_generator.zero_grad()
        loss = verdict(fake, 1) + 100 * F.l1_loss(fake, image)
        loss.backward()
        of_generator.step()
        return loss

    return step, [generator, discriminator], "torch"


STEPS = {"nnU-Net": nnunet, "MONAI": monai, "BiaPy": biapy, "pix2pix 2017": pix2pix}


def convolution_weights(nets):
    layers = (layer for net in nets for layer in net.modules() if isinstance(layer, CONVOLUTIONS))
    return sum(layer.weight.numel() for layer in layers)


def main(peer, side, threads, *sizes):
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True  # the peers' advantage: ours repeats itself bit for bit
    device = "cuda" if torch.cuda.is_available() else "cpu"
    steps, weights = {}, {}
    for size in sizes:
        width, batch = map(int, size.split("x"))
        image = torch.randn(batch, 1, int(side), int(side)).clip(-1, 1).to(device)
        with contextlib.redirect_stdout(sys.stderr):  # BiaPy tells of its channels
            steps[size], nets, package = STEPS[peer](width, image, (image > 0).float())
        weights[size] = convolution_weights(nets)
    print(json.dumps({"package": package, "version": version(package), "weights": weights}), flush=True)
    for line in sys.stdin:
        size, count = line.split()
        for _ in range(int(count)):
            loss = steps[size]()
        print(loss.item(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
