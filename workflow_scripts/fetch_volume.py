"""Public files of a volume, by their pinned hashes -> its folder; archives are unpacked there."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from pathlib import Path

    from synthem.public.archives import unpack
    from synthem.public.downloads import fetch
    from synthem.storage.files import write_json

    folder = Path(snakemake.params.public["folder"])
    for file in snakemake.params.public["files"]:
        fetch(file["url"], folder / file["name"], sha256=file["sha256"])
        if file["name"].endswith(".zip"):
            count = unpack(folder / file["name"], folder, inside=file["inside"])
            say(f"{count} files unpacked from {file['name']}")
    write_json(snakemake.output.listing, snakemake.params.public)
