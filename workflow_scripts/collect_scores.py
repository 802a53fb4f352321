"""The scores of every run -> long tables, with a row for each arm that could not be trained."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.storage.files import read_json
    from synthem.storage.frames import in_order, read_frame, with_rows, write_frame
    from synthem.storage.naming import run_of
    from synthem.synthesis.acceptance import untrained_rows

    given, made, params = snakemake.input, snakemake.output, snakemake.params
    scores = read_frame([*given.real, *given.synthetic, *given.baseline], SCORE_COLUMNS)
    partitions = read_frame(
        [*given.real_partitions, *given.synthetic_partitions, *given.baseline_partitions], PARTITION_COLUMNS
    )
    untrained = untrained_rows(
        {run_of(path): read_json(path) for path in given.decisions},
        arms=params.painted,
        labelled_slices=dict(zip(scores["budget"], scores["labelled_slices"].tolist(), strict=True)),
    )
    write_frame(made.scores, in_order(with_rows(scores, untrained), params.arms))
    write_frame(made.partitions, in_order(partitions, params.arms))
