"""The folders of the data -> one listing with counts and sizes."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.files import write_text
    from synthem.listing import tree_of
    from synthem.volume_entries import folders_of

    named = [source for sources in snakemake.params.sources.values() for source in sources]
    write_text(snakemake.output.tree, tree_of(folders_of(named)))
