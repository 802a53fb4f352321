"""The long tables of several targets -> every arm against the reference in all of them, and the answer."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.comparison.tables import all_targets
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.storage.files import read_json, write_json
    from synthem.storage.frames import read_frame, write_frame
    from synthem.storage.tables import read_table

    given, made, params = snakemake.input, snakemake.output, snakemake.params
    answers = {target: read_json(path) for target, path in zip(params.targets, given.verdicts, strict=True)}
    compared = zip(params.targets, given.comparisons, strict=True)
    comparison, components, answer = all_targets(
        read_frame(given.scores, SCORE_COLUMNS),
        read_frame(given.partitions, PARTITION_COLUMNS),
        answers,
        {target: read_table(path) for target, path in compared},
        **{
            name: params[name]
            for name in ("comparison", "reference", "arms", "structure", "planned_replicates")
        },
    )
    say(answer["headline"])
    write_frame(made.comparison, comparison)
    write_frame(made.components, components)
    write_json(made.verdict, answer)
