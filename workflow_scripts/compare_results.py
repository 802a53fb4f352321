"""Two finished folders of results -> what was set differently, and which arms came out differently."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.comparison.folders import FOLDER_COLUMNS, SETTING_COLUMNS, compare_folders
    from synthem.storage.files import write_table, write_text

    params = snakemake.params
    compared = compare_folders(params.folders)
    say(compared.page)
    print(compared.page, flush=True)
    write_text(f"{params.made}/compared.txt", compared.page)
    write_table(f"{params.made}/compared_settings.csv", compared.settings, SETTING_COLUMNS)
    write_table(f"{params.made}/compared.csv", compared.results, FOLDER_COLUMNS)
