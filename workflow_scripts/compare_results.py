"""Two finished folders of results -> what was set differently, and which arms came out differently."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.comparison.folders import FOLDER_COLUMNS, SETTING_COLUMNS, compare_folders
    from synthem.storage.files import write_table, write_text

    made = snakemake.output
    compared = compare_folders(snakemake.params.folders)
    say(compared.page)
    print(compared.page, flush=True)
    write_text(made.page, compared.page)
    write_table(made.settings, compared.settings, SETTING_COLUMNS)
    write_table(made.results, compared.results, FOLDER_COLUMNS)
