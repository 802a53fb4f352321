"""The folders of the data -> one listing with counts and sizes."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.config.entries import folders_of
    from synthem.runs.listing import tree_of
    from synthem.storage.files import write_text

    named = [source for sources in snakemake.params.sources.values() for source in sources]
    write_text(snakemake.output.tree, tree_of(folders_of(named)))
