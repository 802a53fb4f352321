"""What reading a damaged archive raises."""

import zipfile
import zlib

DAMAGED_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)
