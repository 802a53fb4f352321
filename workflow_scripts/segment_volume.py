"""Probability -> mask and instances of the test block, with the threshold tuned on the validation block."""

from synthem.files import write_json
from synthem.log import logged_to, say
from synthem.volumes import as_probability, read_array, read_attributes, read_volume, write_arrays
from synthem.watershed import segment_instances, tune_threshold

with logged_to(snakemake.log[0]):
    settings, structure = dict(snakemake.params.watershed), snakemake.params.structure
    truth = read_volume(snakemake.input.volume, block="validation", masks=[structure], labels=[]).masks[
        structure
    ]
    validation = as_probability(read_array(snakemake.input.probability, "validation"))
    tuned = tune_threshold(validation, truth, thresholds=settings.pop("thresholds"))
    say(f"threshold {tuned['threshold']}, validation IoU {tuned['validation_iou']}")

    test = as_probability(read_array(snakemake.input.probability, "test"))
    voxel_size_nm = read_attributes(snakemake.input.volume)["voxel_size_nm"]
    labels = segment_instances(test, voxel_size_nm, threshold=tuned["threshold"], **settings)
    arrays = {"mask": labels > 0, "labels": labels}
    write_arrays(snakemake.output.segmentation, arrays, {"voxel_size_nm": voxel_size_nm})
    write_json(snakemake.output.threshold, tuned)
