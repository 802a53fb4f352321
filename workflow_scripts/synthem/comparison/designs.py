"""Designs that can never decide, whatever comes out. Without scipy: asked at every start of Snakemake."""

from synthem.storage.naming import count_text

FEWEST = 5  # replicates, and blocks of test slices, of which a verdict is made
LEAST_EFFECTIVE = 3  # blocks of equal weight, for a structure that lies in few of them (docs/results.md)


def never_helps(*, replicates, blocks, planned_replicates):
    """Why no result of a design can be called "helps" or "harms"; "" where one can."""
    if replicates < FEWEST:
        return f"{count_text(replicates, 'replicate')}, of which at least {FEWEST} make a verdict"
    if blocks < FEWEST:
        return f"{count_text(blocks, 'block')} of test slices, of which at least {FEWEST} make a verdict"
    if replicates < planned_replicates:
        return f"{replicates} replicates are fewer than the planned {planned_replicates}"
    return ""
