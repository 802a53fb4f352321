"""What the networks of an arm learn from, for one draw of labels."""

from typing import NamedTuple

from synthem.patches.examples import structure_examples
from synthem.patches.places import PatchSet
from synthem.patches.series import phases_of
from synthem.storage.budgets import draw_of
from synthem.storage.volumes import read_blocks


class TrainingData(NamedTuple):
    """Training sets of a network, its validation set (None: no slice is left), their shares over time."""

    sets: list[PatchSet]
    held_out: PatchSet | None
    phases: tuple


def training_data_of(inputs, params, wildcards):
    """The TrainingData of a run: of labelled slices of its target, and of the data sets of its arm.

    inputs, params, wildcards: what Snakemake gives to rules of one run: the files `volume` and `sets`;
    `set_names`, the shares `arm`, the sections `unets`, `structure` and `labels`; budget and replicate.
    """
    volume, unets, arm = inputs.volume, params.unets, params.arm
    draw = draw_of(volume, budget=wildcards.budget, replicate=int(wildcards.replicate), **params.labels)
    slices = {"real": (volume, draw.train)}
    for name, path in zip(params.set_names, inputs.sets, strict=True):
        slices[name] = path, read_blocks(path)["train"]
    names, what = list(arm["sets"] | arm["then"]), {"structure": params.structure, "target": unets["target"]}
    sets = [structure_examples(name, *slices[name], **what) for name in names]
    held_out = structure_examples("validation", volume, draw.validation, **what) if draw.validation else None
    return TrainingData(sets, held_out, phases_of(names, **arm, steps=unets["training"]["steps"]))
