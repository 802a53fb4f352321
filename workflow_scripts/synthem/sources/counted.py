"""What the name of a user's file says of how it is read: files count by what they hold, and by that alone.

Runs at each start, and no script imports it: opens nothing, imports nothing large.
"""

import os
import re

from synthem.sources.names import files_of, is_pattern, is_store, split_source

ENDING = re.compile(r"(\.nii)?\.[^.]*$", re.IGNORECASE)


def counted_names(source):
    """[(file, what counts of its name)] of the files behind a source, slices in order.

    That is the ending, by which a reader is chosen, and whether the file is one of several: a TIFF that is
    named itself may hold sizes and many slices. In a Zarr store the place of a chunk is a part of its name,
    and an array may be known by that of the store.
    """
    name, inside = split_source(source)
    if is_store(name):
        above = os.path.dirname(os.path.abspath(name))
        return [(str(file), os.path.relpath(file, above)) for file in files_of(source)]
    several = "*" if not inside and (os.path.isdir(name) or is_pattern(name)) else ""
    return [(str(file), several + _ending(file.name)) for file in files_of(source)]


def _ending(name):
    found = ENDING.search(name)
    return found.group().lower() if found else ""
