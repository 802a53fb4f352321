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
    return decision_about(data_set=data_set, **place, key="enough", kind=bool)


def decision_about(key, kind, **place):
    """What the filter has decided about a draw of labels."""
    made = checkpoints.filter_volume.get(**place).output
    return or_stop(read_value, made.decision, key, kind)


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


def of_quizzes(*paths):
    """`paths` of each target that has a generated image to ask about, which is known when the filter has decided.

    Without any there is no quiz, and that is said: as an error of its job it would end a run that goes well.
    """

    def gated(wildcards):
        return expand(paths, volume=[name for name in QUIZ_VOLUMES if has_quiz(name)])

    if not QUIZ_VOLUMES:
        return []
    to_decide = of_data_sets(f"results/synthesis/{DATA_SET}/decision.json", PAINTED, QUIZ_VOLUMES)
    return [after_check(to_decide), after_check(gated)]


def has_quiz(volume):
    """Whether any generated image of a target has passed the filter; where none has, a warning."""
    draws = product(PAINTED, BUDGETS, REPLICATES)
    places = [{"data_set": one, "budget": budget, "replicate": number} for one, budget, number in draws]
    if any(decision_about(volume=volume, **place, key="kept", kind=int) for place in places):
        return True
    warn_once(f"WARNING no quiz of {volume}: none of its generated images has passed the filter")
    return False


@cache
def warn_once(words):
    print(words, file=sys.stderr)


def semantics_network(wildcards):
    """The network whose features of the images condition the discriminator of pre-training, if any."""
    if settings(wildcards.variant)["pretraining"]["semantics"] == "encoder":
        return [membrane_network(STUDY, wildcards.variant)]
    return named_file(semantics_file, "results/pretraining/{volume}/{variant}/network.pt")(wildcards)


def semantics_classes(wildcards):
    """What that network may be: a file does not show its kind before it is read."""
    word = settings(wildcards.variant)["pretraining"]["semantics"]
    return {"none": [], "encoder": [membrane_segmenter(wildcards)]}.get(word, SEGMENTERS.values())


def demo_sizes_here():
    """The sizes of the demo that networks of this run have."""
    trained = {"unets": True, "gans": bool(PAINTED), "membranes": bool(PREDICTED_MEMBRANES)}
    return demo_sizes(config, [section for section, wanted in trained.items() if wanted], NAMED)
