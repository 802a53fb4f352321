"""Settings of the augmentation: nothing changes a patch."""

OFF = {
    "turn": False,
    "scale": [1, 1],
    "elastic": 0,
    "blur": {"probability": 0, "sigma": 3, "radius": 5},
    "local_blur": {"probability": 0, "sigma": 3, "radius": 5},
    "low_contrast": {"probability": 0, "gain": 0.1},
    "brightness": 0,
    "contrast": 0,
    "noise": 0,
    "missing": 0,
}
