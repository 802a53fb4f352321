"""The trainings of a plan."""

from typing import NamedTuple

TRAININGS = {  # rule: (section of the config, word for its networks)
    "train_membranes": ("membranes", "membrane network"),
    "pretrain_network": ("pretraining", "pre-trained network"),
    "train_gan": ("gans", "GAN"),
    "train_stylegan": ("stylegan", "StyleGAN"),
    "train_mask_generator": ("mask_generator", "mask generator"),
    "train_unet": ("unets", "U-Net"),
}


class Training(NamedTuple):
    """Networks of one kind with one set of settings; their results lie in folders of one pattern."""

    rule: str
    name: str  # of the variant, or of the arm
    count: int
    settings: dict  # the section of the config
    folders: str  # below results/SECTION and results/benchmarks/RULE, as a glob pattern

    @property
    def section(self):
        return TRAININGS[self.rule][0]

    @property
    def volume(self):
        return self.folders.split("/")[0]
