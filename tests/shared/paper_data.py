"""Phantoms in the files and folders of the public data sets that the papers used."""

import h5py
import numpy as np
import tifffile
from PIL import Image
from scipy import ndimage

from synthem.phantoms.kinds import make_phantom

SIDE = 64


def lucchi(folder, slices=12):
    """training.tif, testing.tif and their _groundtruth.tif."""
    folder.mkdir(parents=True)
    for seed, name in enumerate(("training", "testing")):
        phantom = make_phantom(kind="hippocampus", shape=(slices, SIDE, SIDE), seed=seed)
        tifffile.imwrite(folder / f"{name}.tif", phantom.image)
        tifffile.imwrite(folder / f"{name}_groundtruth.tif", phantom.masks["mitochondria"] * np.uint8(255))


def vnc_and_lucchi(folder):
    """Both data sets; the second as slices, in the folders of Lucchi++."""
    vnc(folder / "vnc")
    for seed, part in enumerate(("Train", "Test")):
        phantom = make_phantom(kind="hippocampus", shape=(8, SIDE, SIDE), seed=seed)
        stacks = {"In": phantom.image, "Out": phantom.masks["mitochondria"] * np.uint8(255)}
        for kind, stack in stacks.items():
            (folder / f"lucchi++/{part}_{kind}").mkdir(parents=True)
            for z, plane in enumerate(stack):
                Image.fromarray(plane).save(folder / f"lucchi++/{part}_{kind}/{z:02d}.png")


def vnc(folder, slices=12):
    """stack1 of Gerhard et al. 2013: raw, membranes, mitochondria, synapses, and labels of all classes."""
    phantom = make_phantom(kind="larva", shape=(slices, SIDE, SIDE), seed=1)
    membrane, mitochondria = phantom.masks["membrane"] > 0, phantom.masks["mitochondria"] > 0
    synapses = np.zeros_like(membrane)
    synapses[:, 20:26, 20:30] = True
    stack = folder / "stack1"
    for name in ("raw", "membranes", "mitochondria", "synapses", "labels"):
        (stack / name).mkdir(parents=True)
    for z in range(slices):
        tifffile.imwrite(stack / f"raw/{z:02d}.tif", phantom.image[z])
        masks = {"membranes": membrane[z], "mitochondria": mitochondria[z], "synapses": synapses[z]}
        for name, mask in masks.items():
            Image.fromarray(mask * np.uint8(255)).save(stack / f"{name}/{z:02d}.png")
        classes = np.select([membrane[z], mitochondria[z], synapses[z]], [128, 191, 223], 255)
        classes[:2] = 159  # glia
        Image.fromarray(classes.astype(np.uint8)).save(stack / f"labels/labels{z:08d}.png")


def cremi(folder, sample, slices=16):
    """A sample of cremi.org: one HDF5 file with raw images, neurons and clefts."""
    folder.mkdir(parents=True)
    phantom = make_phantom(kind="larva", shape=(slices, SIDE, SIDE), seed=2)
    neurons = phantom.labels["neurites"]
    nearest = ndimage.distance_transform_edt(neurons == 0, return_distances=False, return_indices=True)
    neurons = neurons[tuple(nearest)]  # there, every voxel has a number
    clefts = np.full(phantom.image.shape, 2**64 - 1, np.uint64)  # the number for none
    clefts[2:5, 20:30, 20:24] = 1
    clefts[-5:, 40:50, 40:44] = 2
    with h5py.File(folder / f"sample_{sample}_20160501.hdf", "w") as file:
        stored = {
            "raw": phantom.image,
            "labels/neuron_ids": neurons.astype(np.uint64),
            "labels/clefts": clefts,
        }
        for name, values in stored.items():
            file.create_dataset(f"volumes/{name}", data=values).attrs["resolution"] = (40.0, 4.0, 4.0)


def nuclei(folder, tiles=5):
    """Tiles of stained tissue in colour, with numbered nuclei."""
    phantom = make_phantom(kind="glomeruli", shape=(tiles, SIDE, SIDE), seed=3)
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    numbered = next(iter(phantom.labels.values()))
    for number in range(tiles):
        Image.fromarray(phantom.image[number]).save(folder / f"images/image{number:02d}.png")
        Image.fromarray(numbered[number].astype(np.uint16)).save(folder / f"masks/image{number:02d}.png")
