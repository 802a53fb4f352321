"""
The arms of the study -> paths of all its runs, and of what is known only when the filter has decided.

needs   STUDY of common.smk, the constants of study.smk
makes   the functions that targets, tables and figures ask for their files
"""

GRID_ARMS = [arm for arm in ARMS if settings_of(arm)["watershed"]["grid"]]
REAL_ARMS = [arm for arm in ARMS if not STUDY.generators_of(arm)]
DRAWN_GRIDS = [arm for arm in GRID_ARMS if arm == REFERENCE and arm in REAL_ARMS]
PAINTED_ARMS = [arm for arm in ARMS if STUDY.generators_of(arm)]


def of_real_runs(
    path, arms=ARMS, volume="{volume}", budget=BUDGETS, replicate=REPLICATES, seed=SEEDS, **others
):
    """`path` filled in for every run that waits for no GAN."""
    arms = [arm for arm in arms if arm in REAL_ARMS]
    return expand(path, volume=volume, arm=arms, budget=budget, replicate=replicate, seed=seed, **others)


def of_painted_runs(
    path, arms=ARMS, volume="{volume}", budget=BUDGETS, replicate=REPLICATES, seed=SEEDS, **others
):
    """`path` filled in for runs that learn from painted images, of replicates whose generators are good enough.

    It stands beside `of_real_runs` under a name of its own: all that one input function names waits for the filter.
    """
    arms = [arm for arm in arms if arm in PAINTED_ARMS]

    def paths(wildcards):
        found = []
        for own, arm, number, draw in product(listed(volume), arms, listed(budget), listed(replicate)):
            place = {"volume": own, "budget": number, "replicate": draw}
            place = {key: str(word).format(**wildcards) for key, word in place.items()}
            if all(enough_images(name, **place) for name in STUDY.generators_of(arm)):
                found += expand(path, arm=arm, seed=seed, **place, **others)
        return found

    return paths if arms else []


def of_painted_sets(
    path, volume="{volume}", data_sets=PAINTED, budget=BUDGETS, replicate=REPLICATES, **others
):
    """`path` filled in for data sets of painted images of which enough passed the filter."""

    def paths(wildcards):
        found = []
        for own, name, number, draw in product(listed(volume), data_sets, listed(budget), listed(replicate)):
            place = {"volume": own.format(**wildcards), "budget": number, "replicate": draw}
            if enough_images(name, **place):
                found += expand(path, data_set=name, **place, **others)
        return found

    return paths if data_sets else []


def of_draws(path):
    """`path` filled in for every draw of labels."""
    return expand(path, volume="{volume}", budget=BUDGETS, replicate=REPLICATES)


def of_generators(path, variants_on=generators_on):
    """`path` filled in for every generator that is trained on a volume: of images, or `mask_generators_on` it."""

    def paths(wildcards):
        variants = variants_on(STUDY, VOLUMES, wildcards.volume)
        return expand(path, volume=wildcards.volume, variant=variants, budget=BUDGETS, replicate=REPLICATES)

    return paths


def of_data_sets(path, names, volume="{volume}", budget=BUDGETS, replicate=REPLICATES):
    """`path` filled in for the data sets of these names, whether their images are good enough or not."""
    return expand(path, volume=volume, data_set=names, budget=budget, replicate=replicate)


def of_predicted_membranes(path):
    """`path` filled in for each volume and variant whose membranes a network predicts."""
    return [path.format(volume=volume, variant=variant) for volume, variant in PREDICTED_MEMBRANES]


def of_own_membranes(path, wildcards):
    """`path` filled in for each variant under which a network predicts the membranes of one volume."""
    own = [variant for volume, variant in PREDICTED_MEMBRANES if volume == wildcards.volume]
    return [path.format(volume=wildcards.volume, variant=variant) for variant in own]


def membranes_shown(wildcards):
    """Whose membranes images are painted on: `target`, `source` or `none`."""
    origins = [
        membranes_from(settings(STUDY.variant_of(name)), VOLUMES, wildcards.volume) for name in PAINTED
    ]
    return next((one for one in ("source", "target") if one in origins), "none")


def of_others(path, kind):
    """`path` filled in for each network of a kind that is trained for others to use."""
    return [path.format(volume=name, variant=variant) for one, name, variant in OTHER_NETWORKS if one == kind]


def of_shown_pretraining(path, volume="{volume}"):
    """`path` filled in for each pre-training of the gallery."""
    return expand(path, volume=volume, variant=STUDY.gallery.pretraining)


PRETRAINED_VOLUMES = TARGETS if STUDY.gallery.pretraining else []  # for the gallery
# Targets whose membranes a network has to predict.
WITHOUT_MEMBRANES = [name for name in TARGETS if "membrane" not in VOLUMES[name]["masks"]]


def shown_membrane_variants(volume):
    """The figure of the membranes under all variants of the gallery, where networks predict those of a volume."""
    shown = STUDY.gallery.membranes and volume in WITHOUT_MEMBRANES
    return ["results/figures/membranes/{volume}.png"] if shown else []


def of_shown_membranes(path, **place):
    """`path` filled in for the membranes of each variant of the gallery, which several of them may share."""
    shared = [STUDY.alike(variant, "membranes", "inference") for variant in STUDY.gallery.membranes]
    return [path.format(**{"source": config["source"], **place, "variant": variant}) for variant in shared]


def learnt_membranes(variant):
    """What a table says of a membrane network beside its scores."""
    training = settings(variant)["membranes"]["training"]
    return {"variant": variant, "noise": training["augment"]["noise"], "seed": training["seed"]}


def snapshots_before_the_end(section):
    """The steps at which networks of a section are kept, but for the last step of all."""
    training = section["training"]
    return sorted(step for step in training["snapshots"] if step < training["steps"])


def listed(value):
    return [value] if isinstance(value, (str, int)) else list(value)


def enough_images(data_set, **place):
    """Whether enough images passed the filter to learn from: not known before it has run."""
    made = checkpoints.filter_volume.get(data_set=data_set, **place).output
    return or_stop(read_value, made.decision, "enough", bool)


def of_every_run(path, **choices):
    """`path` filled in for all runs, for a target: no draw of labels waits for the filter of another."""
    draws = product(TARGETS, BUDGETS, REPLICATES) if PAINTED_ARMS else []
    return [
        after_check(of_real_runs(path, volume=TARGETS, **choices)),
        *[
            after_check(of_painted_runs(path, volume=volume, budget=budget, replicate=replicate, **choices))
            for volume, budget, replicate in draws
        ],
    ]


def decided():
    """Ask the filter for its decision about every draw of labels."""
    for data_set, volume, budget, replicate in product(PAINTED, TARGETS, BUDGETS, REPLICATES):
        enough_images(data_set, volume=volume, budget=budget, replicate=replicate)


def of_first_runs(path, **others):
    """`path` filled in for one run of each arm, with the most labels, for a target."""
    run = {"budget": MOST_LABELS, **FIRST, **others}
    painted = TARGETS if PAINTED_ARMS and all(others.values()) else []
    return [
        after_check(of_real_runs(path, volume=TARGETS, **run)),
        *[after_check(of_painted_runs(path, volume=volume, **run)) for volume in painted],
    ]


def after_filter(paths):
    """The files of a target that collect all runs, known only when the filter has decided for every draw of labels.

    This gate stands at the targets, too: of a job that came into the plan before its input functions could be
    answered, Snakemake does not ask again whether its params or the set of its inputs have changed. What nobody has
    to wait for, the runs of real data and the decisions, goes ahead.
    """

    def gated(wildcards):
        decided()
        return paths

    scores = of_real_runs(f"results/metrics/{RUN}/scores.csv", volume=TARGETS)
    return [
        after_check(
            [*scores, *of_data_sets(f"results/synthesis/{DATA_SET}/decision.json", PAINTED, TARGETS)]
        ),
        after_check(gated),
    ]


# The target whose networks segment whole stacks.
APPLIED_TARGET = config["apply"]["target"] or TARGETS[0]


def own_stack(wildcards):
    """Which of the target's own stacks a whole stack is; `none` where it is another."""
    return stack_in(VOLUMES[APPLIED_TARGET], WHOLE_STACKS[wildcards.stack])


def labelled_volume(wildcards):
    """The volume that knows which slices of a stack have labels already: the target, where it is a stack of it."""
    return [] if own_stack(wildcards) == "none" else f"results/volumes/{APPLIED_TARGET}/volume.h5"


def stacks_to_check():
    """What the data check is told of whole stacks: nothing where there are none."""
    if not WHOLE_STACKS:
        return {}
    return {"stacks": placed(config["apply"]["stacks"]), "learnt": APPLIED_TARGET}


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
    """The names of the whole stacks that the report of a target tells of."""
    return sorted(WHOLE_STACKS) if volume == APPLIED_TARGET else []


def arm_of_stacks_shown(volume):
    """The file that says which arm segments the whole stacks of a report, where the config names none."""
    return "results/apply/choice.json" if stacks_shown(volume) and not config["apply"]["arm"] else []


def after_choice(*paths):
    """`paths` with the arm that is applied, once for each stack: known only when the arms are scored.

    The arm is a wildcard, so nothing behind this gate asks which one it is: scores that change without another
    arm being best repeat nothing but the choice.
    """

    def gated(wildcards):
        if named not in REAL_ARMS:
            decided()
        arm = named or or_stop(read_value, checkpoints.choose_arm.get().output.choice, "arm", str)
        return expand(paths, stack=WHOLE_STACKS, arm=arm, format=config["apply"]["formats"])

    if not WHOLE_STACKS:
        return []
    named = config["apply"]["arm"]
    ingested = after_check(expand("results/apply/{stack}/volume.h5", stack=WHOLE_STACKS))
    to_decide = after_check(of_data_sets(f"results/synthesis/{DATA_SET}/decision.json", PAINTED, TARGETS))
    first = [[] if named in REAL_ARMS else to_decide] if named else after_filter([])
    return [ingested, *first, after_check(gated)]


def of_applied(path):
    """`path` filled in for the runs whose networks are applied: so many replicates, with the most labels."""
    wanted = config["apply"]["replicates"]

    def paths(wildcards):
        place = {"volume": APPLIED_TARGET, "arms": [wildcards.arm], "budget": MOST_LABELS, "seed": 1}
        real = of_real_runs(path, **place)
        painted = of_painted_runs(path, **place)
        found = real or (painted(wildcards) if painted else [])
        return found if wanted == "all" else found[:wanted]

    return paths


def applied_networks(wildcards):
    """The networks that are applied, each under the first arm with the same data and settings."""
    arms = (wildcards.arm, STUDY.networks_of(wildcards.arm))
    own = [f"results/unets/{APPLIED_TARGET}/{arm}/" for arm in arms]
    return [path.replace(*own) for path in of_applied(f"results/unets/{RUN}/network.pt")(wildcards)]


def learnt_volume(wildcards):
    """The volume whose pixels a stack is resampled to for the networks, if it is."""
    resampled = config["apply"]["stacks"][wildcards.stack]["resample"]
    return f"results/volumes/{APPLIED_TARGET}/volume.h5" if resampled else []


def semantics_network(wildcards):
    """The network whose features of the images condition the discriminator of pre-training, if any."""
    word = settings(wildcards.variant)["pretraining"]["semantics"]
    own = {"none": [], "encoder": [membrane_network(STUDY, wildcards.variant)]}
    return own[word] if word in own else named_file(word)


def semantics_classes(wildcards):
    """What that network may be: a file does not show its kind before it is read."""
    word = settings(wildcards.variant)["pretraining"]["semantics"]
    return {"none": [], "encoder": [membrane_segmenter(wildcards)]}.get(word, SEGMENTERS.values())


def demo_sizes_here():
    """The sizes of the demo that networks of this run have."""
    trained = {"unets": True, "gans": bool(PAINTED), "membranes": bool(PREDICTED_MEMBRANES)}
    return demo_sizes(config, [section for section, wanted in trained.items() if wanted], NAMED)
