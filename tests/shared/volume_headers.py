"""MRC and NIfTI files as bytes, their headers written by hand."""

import gzip
import struct


def writing(usual):
    """A fixture: write(data, name=usual) writes a file, packed if its name ends in .gz: its path."""

    def written(tmp_path):
        def write(data, name=usual):
            (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
            return str(tmp_path / name)

        return write

    return written


def mrc(stack, *, mode, order="<", **fields):
    """An MRC2014 file; `fields` put others in place, by their name in the standard."""
    nz, ny, nx = stack.shape
    known = {"nx": nx, "ny": ny, "nz": nz, "mode": mode, "mx": nx, "my": ny, "mz": nz, "mapc": 1, "mapr": 2}
    known |= {"maps": 3, "cella": (0, 0, 0), "dmin": 0, "dmax": 0, "nsymbt": 0, "extended": b""}
    known |= {
        "ispg": 0,
        "imod": 0,
        "flags": 0,
        "stamp": b"DD\0\0" if order == "<" else b"\x11\x11\0\0",
    } | fields
    header = bytearray(1024)
    places = {"nx": 0, "ny": 4, "nz": 8, "mode": 12, "mx": 28, "my": 32, "mz": 36, "mapc": 64, "mapr": 68}
    places |= {"maps": 72, "ispg": 88, "nsymbt": 92, "imod": 152, "flags": 156}
    for name, place in places.items():
        struct.pack_into(f"{order}i", header, place, known[name])
    struct.pack_into(f"{order}3f", header, 40, *known["cella"])
    struct.pack_into(f"{order}2f", header, 76, known["dmin"], known["dmax"])
    header[208:212], header[212:216] = b"MAP ", known["stamp"]
    return bytes(header) + known["extended"] + stack.tobytes()


def nifti(stack, *, kind, order="<", **fields):
    """A NIfTI-1 file of a stack [z, y, x] of the datatype `kind`; `fields` put others in place."""
    known = {"size": 348, "dim": (3, *stack.shape[2::-1], 1, 1, 1, 1), "pixdim": (1,) + (0,) * 7}
    known |= {"offset": 352, "slope": 0, "intercept": 0, "units": 0, "magic": b"n+1\0", "kind": kind} | fields
    header = bytearray(352)
    struct.pack_into(f"{order}i", header, 0, known["size"])
    struct.pack_into(f"{order}8h", header, 40, *known["dim"])
    struct.pack_into(f"{order}hh", header, 70, known["kind"], 8 * stack.itemsize)
    struct.pack_into(f"{order}8f", header, 76, *known["pixdim"])
    struct.pack_into(f"{order}3f", header, 108, known["offset"], known["slope"], known["intercept"])
    header[123] = known["units"]
    header[344:348] = known["magic"]
    filled = int(known["offset"]) - 352 if 352 <= known["offset"] < 1e6 else 0
    return bytes(header) + bytes(filled) + stack.tobytes()
