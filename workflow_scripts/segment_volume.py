"""Probability -> mask and instances of the test block, with the threshold tuned on the validation block."""

from synthem.arrays import as_probability, read_array, write_arrays
from synthem.files import write_json
from synthem.log import logged_to, say
from synthem.volumes import read_volume
from synthem.watershed.bodies import segment_instances, tune_threshold

with logged_to(snakemake.log[0]):
    settings, structure = dict(snakemake.params.watershed), snakemake.params.structure
    validation = read_volume(snakemake.input.volume, block="validation", masks=[structure], labels=[])
    tuned = tune_threshold(
        as_probability(read_array(snakemake.input.probability, "validation")),
        validation.masks[structure],
        validation.ignore.get(structure),
        thresholds=settings.pop("thresholds"),
    )
    say(f"threshold {tuned['threshold']}, validation IoU {tuned['validation_iou']}")

    test = as_probability(read_array(snakemake.input.probability, "test"))
    facts = validation.facts
    labels = segment_instances(
        test, facts.voxel_size_nm, linked=facts.linked, threshold=tuned["threshold"], **settings
    )
    arrays = {"mask": labels > 0, "labels": labels}
    write_arrays(snakemake.output.segmentation, arrays, {"voxel_size_nm": facts.voxel_size_nm})
    write_json(snakemake.output.threshold, tuned)
