"""A segmented stack -> a table of its objects: sizes, places, how sure the networks are."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.metrics.objects import columns_of, objects_in, voxels_in, words_about
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_facts

    facts = read_facts(snakemake.input.volume)
    with open_arrays(snakemake.input.segmentation) as found:
        rows = objects_in(found["labels"], found["confidence"], facts)
        words = words_about(rows, snakemake.params.structure, voxels_in(found["labels"].shape, facts))
    say(" ".join(words))
    write_table(snakemake.output.objects, rows, columns_of(facts))
