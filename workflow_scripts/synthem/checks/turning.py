"""Warns of networks that see slices turned by 90 degrees though pixels are not square."""

from synthem.storage.pixels import are_square


def warn_of_turns(finding, pixel_nm, turning):
    """A warning about a volume with such pixels (y, x), () where nobody knows their size.

    turning {key of the config: the value without quarter turns}: of the networks that see its slices.
    """
    if turning and pixel_nm and not are_square(pixel_nm):
        y, x = pixel_nm
        advice = " and ".join(f"{key} to {value}" for key, value in turning.items())
        finding.warn(
            f"pixels of {y:g} x {x:g} nm are not square, and slices turned by 90 degrees look like no tissue "
            f"of this stack: set {advice}"
        )
