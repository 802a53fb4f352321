"""Settings as trainings take them, and how tests change them."""

import copy

DELETED = object()


def edited(settings, **changes):
    """A copy of nested settings with other values, as `training__optimiser__clip_norm=1`, or DELETED."""
    found = copy.deepcopy(settings)
    for path, value in changes.items():
        *above, key = path.split("__")
        part = found
        for name in above:
            part = part[name]
        if value is DELETED:
            del part[key]
        else:
            part[key] = value
    return found


def saving(folder, checkpoint_every=1, *, fingerprint="a", tensorboard=False, live=None):
    """Where and how often a training saves its state."""
    return {
        "folder": folder,
        "fingerprint": fingerprint,
        "checkpoint_every": checkpoint_every,
        "tensorboard": tensorboard,
        "live": live,
    }


def optimiser(learning_rate, betas=(0.9, 0.999), schedule="constant"):
    """One without clipped gradients."""
    return {
        "learning_rate": learning_rate,
        "betas": list(betas),
        "epsilon": 1e-8,
        "schedule": {"kind": schedule, "linear": {"decay_from": 0.5}},
        "clip_norm": 0,
    }


def optimisers(generator, discriminator, betas, ema):
    """Of a pair: two learning rates, and the average of the generator."""
    return {
        "generator": optimiser(generator, betas) | {"ema": ema},
        "discriminator": optimiser(discriminator, betas),
    }


def of_both(**changes):
    """Changes of both optimisers of a pair, for `edited`."""
    return {
        f"training__optimisers__{net}__{key}": value
        for net in ("generator", "discriminator")
        for key, value in changes.items()
    }
