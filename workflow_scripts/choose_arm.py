"""The scores of a study -> the arm whose networks segment whole stacks, and why."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.comparison.best_arm import best_arm
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.storage.files import write_json
    from synthem.storage.frames import read_frame

    scores = read_frame([snakemake.input.scores], SCORE_COLUMNS)
    partitions = read_frame([snakemake.input.partitions], PARTITION_COLUMNS)
    choice = best_arm(scores, partitions, **snakemake.params.choosing)
    say(f"{choice['arm']}: mean {choice['endpoint']} of the arms {choice['means']}")
    write_json(snakemake.output.choice, choice)
