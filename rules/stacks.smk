"""
The section `apply` -> whose networks segment whole stacks, and the paths of what is made of these.

needs   STUDY and SHARED of common.smk, the functions of paths.smk
makes   the functions that the check, the report and apply.smk ask about whole stacks
"""

# The target whose networks segment whole stacks; "" in a run that trains none.
APPLIED_TARGET = applied_target(config)
# Whose networks segment them: shared ones, an arm that the config names, or the one that is found to be best.
NAMED_ARM = config["apply"]["arm"]
SEGMENTED_BY = [*SHARED, *([NAMED_ARM] if NAMED_ARM else [])]
CHOOSES_ARM = bool(WHOLE_STACKS) and not SEGMENTED_BY
BY_THE_STUDY = bool(NAMED_ARM) or CHOOSES_ARM


def own_stack(wildcards):
    """Which of the target's own stacks a whole stack is; `none` where it is another."""
    if not APPLIED_TARGET:
        return "none"
    return stack_in(VOLUMES[APPLIED_TARGET], WHOLE_STACKS[wildcards.stack])


def labelled_volume(wildcards):
    """The volume that knows which slices of a stack have labels already: the target, where it is a stack of it."""
    return [] if own_stack(wildcards) == "none" else f"results/volumes/{APPLIED_TARGET}/volume.h5"


def stacks_to_check():
    """What the data check is told of whole stacks: nothing where there are none."""
    if not WHOLE_STACKS:
        return {}
    known = {
        name: {"voxel_size_nm": one.voxel_size_nm, "colour": one.channels > 1} for name, one in SHARED.items()
    }
    learnt = {"learnt": APPLIED_TARGET} if BY_THE_STUDY else {}
    return {"stacks": placed(config["apply"]["stacks"])} | learnt | ({"shared": known} if known else {})


def meshes_to_make():
    """[what shall become a mesh, the config's key that asks for it]: of targets the test block, of stacks the whole."""
    made = {"exports": TARGETS, "apply": sorted(WHOLE_STACKS)}
    return [
        [name, f"{section}.formats"]
        for section, names in made.items()
        if "mesh" in config[section]["formats"]
        for name in names
    ]


def stacks_shown(volume):
    """The names of the whole stacks that the report of a target tells of: those that its own networks segment."""
    return sorted(WHOLE_STACKS) if volume == APPLIED_TARGET and BY_THE_STUDY else []


def arm_of_stacks_shown(volume):
    """The file that says which arm segments the whole stacks of a report, where the config names none."""
    return "results/apply/choice.json" if stacks_shown(volume) and CHOOSES_ARM else []


def after_choice(*paths):
    """`paths` with whose networks are applied, for each stack: of arms known only when the arms are scored.

    The arm is a wildcard, so nothing behind this gate asks which one it is: scores that change without another
    arm being best repeat nothing but the choice.
    """

    waits = NAMED_ARM and NAMED_ARM not in REAL_ARMS  # for the filter of its images

    def gated(wildcards):
        arms = SEGMENTED_BY
        if CHOOSES_ARM or waits:
            decided()
        if CHOOSES_ARM:
            arms = [or_stop(read_value, checkpoints.choose_arm.get().output.choice, "arm", str)]
        found = expand(paths, stack=WHOLE_STACKS, arm=arms, format=config["apply"]["formats"])
        return list(dict.fromkeys(found))  # a table of all stacks is there for each of them

    if not WHOLE_STACKS:
        return []
    ingested = after_check(expand("results/apply/{stack}/volume.h5", stack=WHOLE_STACKS))
    to_decide = after_check(of_data_sets(f"results/synthesis/{DATA_SET}/decision.json", PAINTED, TARGETS))
    first = after_filter([]) if CHOOSES_ARM else [to_decide] if waits else []
    return [ingested, *first, after_check(gated)]


def of_applied(path):
    """`path` filled in for the runs whose networks are applied: so many replicates, with the most labels.

    Of shared networks nothing: the study knows no run of them.
    """
    wanted = config["apply"]["replicates"]

    def paths(wildcards):
        if wildcards.arm in SHARED:
            return []
        place = {"volume": APPLIED_TARGET, "arms": [wildcards.arm], "budget": MOST_LABELS, "seed": 1}
        real = of_real_runs(path, **place)
        painted = of_painted_runs(path, **place)
        found = real or (painted(wildcards) if painted else [])
        return found if wanted == "all" else found[:wanted]

    return paths


def applied_networks(wildcards):
    """The networks of the study that are applied, each under the first arm with the same data and settings."""
    if wildcards.arm in SHARED:
        return []
    arms = (wildcards.arm, STUDY.networks_of(wildcards.arm))
    own = [f"results/unets/{APPLIED_TARGET}/{arm}/" for arm in arms]
    return [path.replace(*own) for path in of_applied(f"results/unets/{RUN}/network.pt")(wildcards)]


def networks_used(wildcards, input):
    """Paths of all networks that are applied. Shared ones are no inputs: they count by what they hold, as data does."""
    return SHARED[wildcards.arm].files if wildcards.arm in SHARED else list(input.networks)


def number_of_networks(wildcards):
    return len(SHARED[wildcards.arm].files if wildcards.arm in SHARED else applied_networks(wildcards))


def learnt_volume(wildcards):
    """The volume whose pixels a stack is resampled to for the networks, if it is and the study has it."""
    resampled = config["apply"]["stacks"][wildcards.stack]["resample"]
    return f"results/volumes/{APPLIED_TARGET}/volume.h5" if resampled and wildcards.arm not in SHARED else []


def known_of_shared(wildcards):
    """What shared networks say of themselves; {} of networks of the study, of which its files do."""
    if wildcards.arm not in SHARED:
        return {}
    shared, resampled = SHARED[wildcards.arm], config["apply"]["stacks"][wildcards.stack]["resample"]
    return {
        "tuned": shared.tuned,
        "learnt_nm": shared.voxel_size_nm if resampled else None,
        "content": [bytes_hash(file, ".snakemake/synthem-content.json") for file in shared.files],
    }


def structure_of_stack(wildcards):
    """What is segmented in a whole stack."""
    return SHARED[wildcards.arm].segments if wildcards.arm in SHARED else config["structure"]
