"""Kinds of networks that the config can choose -> where their classes are written.

`saving` imports a class when it builds the network, and not before, so that training one kind does not depend
on the files of the others. The rules add the file of the chosen kind to the hash of their code (common.smk).
"""

SEGMENTERS = {
    "unet": "synthem.networks.unet.UNet",
    "unet3d": "synthem.networks.unet3d.UNet3D",
    "boundless": "synthem.networks.boundless.BoundlessSegmenter",
}
IN_SPACE = {"unet3d"}  # of these: they see several slices at once, by their option `patch_slices`
IN_BYTES = {"boundless"}  # of these: they see grey levels of 8 bits (`greys` of the class)
GENERATORS = {
    "resize_unet": "synthem.networks.resize_unet.ResizeUNet",
    "pix2pix": "synthem.networks.pix2pix.Pix2PixGenerator",
    "pix2pix_tutorial": "synthem.networks.tutorial.TutorialGenerator",
    "mode_seeking": "synthem.networks.mode_seeking.ModeSeekingGenerator",
    "spade": "synthem.networks.spade.SpadeGenerator",
}
DISCRIMINATORS = {
    "patch70": "synthem.networks.patch70.Patch70",
    "patch70_tutorial": "synthem.networks.tutorial.TutorialPatch70",
    "vanilla": "synthem.networks.tutorial.VanillaDiscriminator",
    "mode_seeking": "synthem.networks.mode_seeking.ModeSeekingDiscriminator",
    "skip_patch": "synthem.networks.skip_patch.SkipPatch",
    "oasis": "synthem.networks.oasis.OasisDiscriminator",
}
