"""The one form of all errors (docs/errors.md lists every code), and errors of reading and writing files."""

import errno
import os
from contextlib import contextmanager, suppress
from pathlib import Path

CODES = {
    "CONFIG_SYNTAX": "A configuration file is not readable YAML, or it or the command line hides a mistake.",
    "CONFIG_KEY": "A key of the configuration is unknown or missing.",
    "CONFIG_VALUE": "A value of the configuration has the wrong type or lies out of range.",
    "CONFIG_REFERENCE": "The configuration names a volume, mask or arm that it does not define.",
    "CONFIG_CONTRADICTION": "Values of the configuration that are right alone cannot be meant together.",
    "TARGET": "A target that was asked for would make nothing.",
    "DATA_MISSING": "A file, folder or HDF5 dataset that the configuration names does not exist.",
    "DATA_FORMAT": "A file is not what its name promises, is damaged, or holds an unsupported type.",
    "DATA_SHAPE": "Files that belong together differ in shape, or a volume is too small.",
    "DATA_VALUE": "Voxels are not usable: not finite, constant, or a mask that is empty or full.",
    "DATA_TOO_LARGE": "A header announces more data than the limit allows; nothing was decoded.",
    "DATA_SPLIT": "A volume cannot be cut into train and test blocks as configured, or they share slices.",
    "DATA_DOWNLOAD": "A public data set could not be downloaded.",
    "FILE_WRITE": "A result could not be written: disk full, no permission, or something in its place.",
    "FILE_READ": "A file of the workflow itself is missing, damaged, locked, or changed by another program.",
    "NETWORK_FILE": "A saved network does not fit its place, says too little, or holds NaN or infinity.",
    "NETWORK_CLASS": "The class of a network of one's own lacks what the workflow asks of it.",
    "TRAINING_DIVERGED": "A loss became infinite or not a number.",
    "TRAINING_LOCKED": "Another process trains in the same checkpoint folder.",
    "TRAINING_STOPPED": "Training was asked to stop; its state is saved and the next run goes on from it.",
    "TRAINING_PROCESS": "One of the processes that train a network together died.",
    "GAN_COLLAPSED": "The generator ignores its masks, or a StyleGAN its random numbers: one image for all.",
    "GAN_BLANK": "The generator draws blank images, or nothing but black and white.",
    "GAN_UNBALANCED": "The discriminator is always right: the generator learns nothing from it any more.",
    "QUIZ_ANSWERS": "Answers to the quiz are damaged, incomplete, of another quiz, or a person's second.",
    "MEMORY": "A step needed more memory than there is.",
    "ENVIRONMENT": "A package that a step needs is missing from its environment, or broken.",
    "CODE_EDITED": "A step waited while its code was edited: it would pass for the work of the old code.",
    "CLUSTER_JOB": "A cluster ended a job: out of memory or time, cancelled, or its node died.",
    "CLUSTER_REFUSED": "A cluster refuses a job: a partition, account, QOS or GPU that it does not have.",
    "STEP_DIED": "A step ended without an error of its own: something killed it, mostly for its memory.",
    "UNEXPECTED": "An error that Synthem does not know: a fault of the program.",
}
BYTES = ("bytes", "kB", "MB", "GB", "TB")


class SynthemError(Exception):
    """`ERROR <CODE> <where>: <found> (expected <expected>). Fix: <fix>.`"""

    def __init__(self, code, where, found, *, expected, fix):
        if code not in CODES:
            raise KeyError(f"unknown error code {code}")
        self.code, self.where = code, one_line(where)
        # Messages of other libraries end in full stops and line breaks of their own.
        self.found, self.expected, self.fix = (
            one_line(" ".join(str(text).split())).rstrip(" .") for text in (found, expected, fix)
        )
        super().__init__(
            f"ERROR {code} {self.where}: {self.found} (expected {self.expected}). Fix: {self.fix}."
        )

    def below(self, key):
        """The same problem in a part of the config that stands below `key`."""
        where = f"{key}.{self.where}".removesuffix(".top")
        return SynthemError(self.code, where, self.found, expected=self.expected, fix=self.fix)


class SynthemErrors(Exception):
    """Several problems found at once, one error line each."""

    def __init__(self, problems):
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def one_line(text):
    """Text with line breaks and other control characters spelt out: a file name may hold any of them."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))


KEPT = "then run again: finished results are kept"
DELETE = "delete it and run again"

# What keeps a file from being read or written: {errno: (found, fix)}; "" stands for the system's own words.
QUOTA = ("your quota on that disk is used up", f"free space there, {KEPT}")
NOT_WRITTEN = {
    errno.EDQUOT: QUOTA,
    errno.ENOSPC: QUOTA,  # some file systems have it for a quota, too: the disk itself has room
    errno.EROFS: ("that disk can only be read", f"work where you may write, {KEPT}"),
    errno.EACCES: ("", f"permit writing there, {KEPT}"),
    errno.EPERM: ("", f"permit writing there, {KEPT}"),
    errno.EFBIG: ("", f"allow larger files (ulimit -f), {KEPT}"),
    errno.ENAMETOOLONG: ("", "shorten the names in the config, or work in a folder with a shorter path"),
    errno.EEXIST: ("a file stands in the place of a folder", f"move that file away, {KEPT}"),
    errno.ENOTDIR: ("a file stands in the place of a folder", f"move that file away, {KEPT}"),
    errno.EISDIR: ("a folder stands in its place", f"move that folder away, {KEPT}"),
}
NOTHING_LEFT = 2**20  # bytes
IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR)
UNLOCKABLE = ("that disk has no file locks", "export HDF5_USE_FILE_LOCKING=FALSE, then run again")
NOT_READ = {
    errno.ENOENT: ("", "run again: the workflow makes it"),
    errno.EACCES: ("", "permit reading it, then run again"),
    errno.EPERM: ("", "permit reading it, then run again"),
    errno.EAGAIN: ("another program has it open to write", "close that program, then run again"),
    errno.EISDIR: ("", "move that folder away, then run again"),
    errno.ENOLCK: UNLOCKABLE,
    errno.ENOSYS: UNLOCKABLE,
    errno.EOPNOTSUPP: UNLOCKABLE,
}


def write_error(path, error, *, size=None, written=0):
    """An OSError of writing `path` -> SynthemError FILE_WRITE.

    size: bytes that the file needs at most, where that is known; written: so many lie on the disk by now.
    """
    disk, free, more_files = disk_of(path)
    # A short write of numpy has no number: the disk took a part of the bytes and no more.
    full = error.errno in (errno.ENOSPC, None) and (free < max(size or 0, NOTHING_LEFT) or not more_files)
    if full and not more_files:
        found, fix = f"the disk {disk} can hold no more files", f"delete or pack some there, {KEPT}"
    elif full:
        needed = f"about {bytes_in_words(size)} are needed" if size else "more is needed"
        found = f"the disk {disk} is full: {bytes_in_words(free + written)} were free for this, {needed}"
        fix = f"free space there, {KEPT}"
    else:
        words, fix = NOT_WRITTEN.get(error.errno, ("", f"see to the disk {disk}, {KEPT}"))
        place = f": {os.fsdecode(error.filename)}" if error.errno in IN_THE_WAY and error.filename else ""
        found = f"{words or error.strerror or error}{place} ({bytes_in_words(free)} free on {disk})"
    return SynthemError("FILE_WRITE", path, found, expected="a writable place with enough space", fix=fix)


def read_error(path, error, *, expected):
    """An error of reading a file of ours -> SynthemError FILE_READ; only damage advises to delete it."""
    number = getattr(error, "errno", None)
    if not number:  # the bytes were there, but are not what they should be
        words, fix = (error.args[0] if isinstance(error, KeyError) and error.args else error), DELETE
        found = f"not readable: {str(words) or type(error).__name__}"
    else:
        trouble = "see to the disk or the network that holds it, then run again"
        words, fix = NOT_READ.get(number, ("", trouble))
        found = words or os.strerror(number)
    return SynthemError("FILE_READ", path, found, expected=expected, fix=fix)


@contextmanager
def reading(path, *, expected, damage=(OSError, ValueError)):
    """Turns errors of the block into FILE_READ of `path`: it must read that file and do nothing else."""
    try:
        yield
    except damage as error:
        raise read_error(path, error, expected=expected) from error


def full_disk(path):
    """The error of a disk that has no room for anything more; None where it has."""
    _, free, more_files = disk_of(path)
    return write_error(path, OSError(errno.ENOSPC, "")) if free < NOTHING_LEFT or not more_files else None


def disk_of(path):
    """Where the disk that holds `path` is mounted, its free bytes, and whether it takes another file."""
    path = Path(path).resolve()  # results may be a link to another disk
    for there in (path, *path.parents):  # the file itself may not exist
        with suppress(OSError):
            state = os.statvfs(there)
            mounted = next(place for place in (there, *there.parents) if os.path.ismount(place))
            # Some file systems count no files: they have 0 of 0.
            return mounted, state.f_bavail * state.f_frsize, state.f_favail > 0 or state.f_files == 0
    return Path("/"), 0, True


def bytes_in_words(count):
    """999 bytes, 1.0 kB, 12.3 MB: in the largest unit that leaves a whole number before the point."""
    power = 0
    while count >= 999.95 and power < len(BYTES) - 1:  # 999.95 would be written as 1000.0
        count, power = count / 1000, power + 1
    number = f"{count:.1f}" if power else f"{count:.0f}"
    return "1 byte" if number == "1" else f"{number} {BYTES[power]}"
