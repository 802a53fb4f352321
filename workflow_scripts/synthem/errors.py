"""The one form in which Synthem says what went wrong (docs/errors.md lists every code)."""

CODES = {
    "CONFIG_SYNTAX": "A configuration file is not readable YAML, or YAML hides a mistake in it.",
    "CONFIG_KEY": "A key of the configuration is unknown or missing.",
    "CONFIG_VALUE": "A value of the configuration has the wrong type or lies out of range.",
    "CONFIG_REFERENCE": "The configuration names a volume, mask or arm that it does not define.",
    "DATA_MISSING": "A file, folder or HDF5 dataset that the configuration names does not exist.",
    "DATA_FORMAT": "A file is not what its name promises, is damaged, or holds an unsupported type.",
    "DATA_SHAPE": "Files that belong together differ in shape, or a volume is too small.",
    "DATA_VALUE": "Voxels are not usable: not finite, constant, or a mask that is empty or full.",
    "DATA_TOO_LARGE": "A header announces more data than the limit allows; nothing was decoded.",
    "DATA_SPLIT": "A volume cannot be cut into train, validation and test blocks as configured.",
    "DATA_DOWNLOAD": "A public data set could not be downloaded.",
    "FILE_WRITE": "A result could not be written: disk full, no permission, or something in its place.",
    "FILE_READ": "A file of the workflow itself is missing, damaged, locked, or changed by another program.",
    "NETWORK_FILE": "A saved network does not fit the one that it is loaded into, or holds NaN or infinity.",
    "TRAINING_DIVERGED": "A loss became infinite or not a number.",
    "TRAINING_LOCKED": "Another process trains in the same checkpoint folder.",
    "TRAINING_STOPPED": "Training was asked to stop; its state is saved and the next run goes on from it.",
    "TRAINING_PROCESS": "One of the processes that train a network together died.",
    "GAN_COLLAPSED": "The generator ignores its masks, or a StyleGAN its random numbers: one image for all.",
    "GAN_BLANK": "The generator draws blank images, or nothing but black and white.",
    "GAN_UNBALANCED": "The discriminator is always right: the generator learns nothing from it any more.",
    "MEMORY": "A step needed more memory than there is.",
    "ENVIRONMENT": "A package that a step needs is missing from its environment, or broken.",
    "STEP_DIED": "A step ended without an error of its own: something killed it, mostly for its memory.",
    "UNEXPECTED": "An error that Synthem does not know: a fault of the program.",
}


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


class SynthemErrors(Exception):
    """Several problems found at once, one error line each."""

    def __init__(self, problems):
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def one_line(text):
    """Text with line breaks and other control characters spelt out: a file name may hold any of them."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
