"""The best single grey threshold, tuned on the training block -> scores on the test block."""

from synthem.files import write_table
from synthem.log import logged_to, say
from synthem.metrics.masks import BASELINE, COLUMNS, apply_global_threshold, best_global_threshold, score_rows
from synthem.splits import slice_numbers
from synthem.volumes import read_volume
from synthem.watershed.bodies import segment_instances

with logged_to(snakemake.log[0]):
    structure = snakemake.params.structure
    train, test = (
        read_volume(snakemake.input.volume, block=block, masks=[structure]) for block in ("train", "test")
    )
    best = best_global_threshold(train.image, train.masks[structure], train.ignore.get(structure))
    say(f"{best}")
    mask = apply_global_threshold(test.image, best["threshold"], best["dark"])
    linked = test.facts.linked
    labels = segment_instances(
        mask, test.voxel_size_nm, linked=linked, threshold=0.5, **snakemake.params.watershed
    )
    rows = score_rows(
        labels > 0,
        labels,
        test.masks[structure],
        test.labels.get(structure),
        slices=slice_numbers(test.blocks["test"]),
        linked=linked,
        ignore=test.ignore.get(structure),
    )
    run = {"volume": snakemake.wildcards.volume, "arm": BASELINE, "threshold": best["threshold"]}
    write_table(snakemake.output.scores, [run | row for row in rows], COLUMNS)
