"""Segmentations of the test block -> the best and the worst slices, with the truth."""

from synthem.arrays import read_array
from synthem.figures.segmentations import segmentation_sheet
from synthem.files import write_bytes
from synthem.log import logged_to
from synthem.metrics.masks import overlap_scores
from synthem.unknown import plane
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    params = snakemake.params
    volume = read_volume(snakemake.input.volume, block="test", masks=[params.structure], labels=[])
    truth, ignore = volume.masks[params.structure], volume.ignore.get(params.structure)
    paths = dict(zip(params.arms, snakemake.input.segmentations, strict=True))
    masks = {arm: read_array(path, "mask") for arm, path in paths.items()}
    ious = {
        arm: [overlap_scores(mask[z], truth[z], plane(ignore, z))["iou"] for z in range(len(truth))]
        for arm, mask in masks.items()
    }
    sheet = segmentation_sheet(volume, masks, ious, structure=params.structure, reference=params.reference)
    write_bytes(snakemake.output.figure, sheet)
