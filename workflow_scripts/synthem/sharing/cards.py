"""What a shared network says of itself: which network it is, what it segments, what it was made from."""

MADE_FROM = ("rule", "settings_hash", "seed", "code", "synthem", "versions")  # no paths, no names of machines


def card_of(net, volume, *, threshold, origin, run, **chosen):
    """Plain data about a trained segmenter.

    volume: an open one, which it segments. threshold: what was tuned for it; origin: its provenance; run: the
    names of its place. chosen: `segments`, `target`, `inference`, `authors`, `licence`, `cite`, as the
    config has them.
    """
    return {
        "kind": net.built_as["name"],
        "arguments": net.built_as["arguments"],
        "greys": net.greys,
        **chosen,
        "image": {"type": str(volume.dtype), "channels": (*volume.shape, 1)[3]},
        "voxel_size_nm": list(map(float, volume.facts.voxel_size_nm)),
        "mask_threshold": threshold["mask_threshold"],
        "instances": {key: threshold[key] for key in ("method", "settings")},
        "run": run,
        "made_from": {key: origin[key] for key in MADE_FROM},
    }


def microscopy_of(card):
    """Of which microscope images are: several channels are none of an electron microscope."""
    return "electron microscopy" if card["image"]["channels"] == 1 else "light microscopy"
