"""
The arms of the study -> the settings and the files of one network, one data set, one draw of labels.

needs   STUDY of common.smk: arms, data sets, and the config of every variant
makes   the constants and functions that the rules of the steps call
"""

ARMS = list(STUDY.arms)
REFERENCE = config["study"]["reference"]
BUDGETS = config["labels"]["budgets"]
REPLICATES = range(1, config["study"]["replicates"] + 1)
SEEDS = range(1, config["study"]["seeds"] + 1)
FIRST = {"replicate": 1, "seed": 1}  # the run that is shown where one is enough
MOST_LABELS = "all" if "all" in BUDGETS else max(BUDGETS)
LABELS = {"validation": config["labels"]["validation"]}  # beside the strategy, which a variant may change
PREDICTED_MEMBRANES = membrane_predictions(STUDY, VOLUMES)  # (volume, variant)
OTHER_NETWORKS = other_networks(STUDY, VOLUMES)  # (kind, volume, variant)
PAINTED = STUDY.of_kind("gan")  # data sets of generators
INVENTED = STUDY.invented  # those whose masks are invented, too
MEASURED = STUDY.painters if config["realism"]["wanted"] else []  # whose images are held against real ones
RIVALS = STUDY.of_kind(*OF_SLICES)  # made of the labelled slices without a generator
ARMS_IN_WORDS = {
    name: {"sets": arm.sets, "then": arm.then, "switch": arm.switch, "variant": arm.variant}
    | {"data_sets": {one: STUDY.data_sets[one] for one in arm.learns_from}}
    for name, arm in STUDY.arms.items()
}
CONTROLS = controls_of({arm: ARMS_IN_WORDS[arm] for arm in ARMS})
# Arms whose networks are trained and used; the others share them.
TRAINED_ARMS = STUDY.trained_arms

PREDICTION_PARTS = config["progress"]["prediction_parts"]
STACK_PARTS = config["apply"]["parts"]

# Of all jobs in a folder of results, those that belong to this run: `runs.places`.
DRAWN = {"budget": list(BUDGETS), "replicate": list(REPLICATES), "seed": list(SEEDS)}

# Where the results of one network of the study lie, and those of one draw of labels.
RUN = "{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}"
GAN = "{volume}/{variant}/budget-{budget}/replicate-{replicate}"
DRAW = "{volume}/budget-{budget}/replicate-{replicate}"
BASELINE = "{volume}/baseline/budget-{budget}/replicate-{replicate}"
FOREST = "{volume}/forest/budget-{budget}/replicate-{replicate}"
DATA_SET = "{volume}/{data_set}/budget-{budget}/replicate-{replicate}"


def any_name_if(wanted):
    """A wildcard constraint: any name where the rule is wanted; else nothing asks for it."""
    return ANY_NAME if wanted else NO_NAME


def settings(variant):
    """The config under a variant."""
    return STUDY.configs[variant]


def settings_of(arm):
    """The config under the variant of an arm, or as the cards of shared networks have it."""
    if arm in SHARED:
        return SHARED[arm].settings
    return settings(STUDY.arms[arm].variant)


def drawing(variant, budget):
    """How the labelled slices of a budget are drawn, beside budget and replicate."""
    return drawing_as_it_acts(settings(variant)["labels"], budget)


# Every draw of labelled slices of the run, as the data check names it.
DRAWS = [
    {**LABELS, "strategy": strategy, "budget": str(budget), "replicate": replicate}
    for strategy in dict.fromkeys(settings_of(arm)["labels"]["strategy"] for arm in ARMS)
    for budget, replicate in product(BUDGETS, REPLICATES)
]


def patch_slices_of(arm):
    """How many slices the networks of an arm see at once."""
    return options_of(settings_of(arm)["unets"]["network"]).get("patch_slices", 1)


def largest_patches():
    """{key: pixels} of the largest patches that networks of arms and their generators learn from."""
    learning = {"unets": [arm.variant for arm in STUDY.arms.values()]}
    learning |= {"gans": variants_of_generators(STUDY)} if PAINTED else {}
    return {
        f"{section}.training.patch": max(settings(one)[section]["training"]["patch"] for one in variants)
        for section, variants in learning.items()
    }


def turned_slices(volume):
    """{key: the value without them} of what shows quarter turns of a volume's slices to networks that are scored.

    Generators are not among them: their trainings turn what pixels allow. Nor is a pre-training, for to wish for
    one is no reason to check the data again.
    """
    learning = {"unets": [arm.variant for arm in STUDY.arms.values()] if volume in TARGETS else []}
    learning["membranes"] = [
        one for kind, name, one in OTHER_NETWORKS if (kind, name) == ("membranes", volume)
    ]
    found = {
        f"{section}.training.augment.turn": "flips"
        for section, variants in learning.items()
        if any(settings(one)[section]["training"]["augment"]["turn"] is True for one in variants)
    }
    several = any(settings(one)["inference"]["turns"] > 1 for one in learning["unets"])
    return found | ({"inference.turns": 1} if several else {})


def packages_bytes():
    """Whether networks that see grey levels of 8 bits shall be packages of bioimage.io."""
    kinds = {settings_of(arm)["unets"]["network"]["kind"] for arm in STUDY.arms}
    return "bioimageio" in config["exports"]["networks"] and bool(kinds & IN_BYTES)


def short_halos():
    """{tile, depth} of the U-Nets of arms that look beyond the halo of their tiles, each once."""
    found = []
    for arm in STUDY.arms:
        network, inference = settings_of(arm)["unets"]["network"], settings_of(arm)["inference"]
        depth = network["unet"]["depth"]
        if network["kind"] == "unet" and inference["halo"] < reach_of(depth):
            found.append({"tile": inference["tile"], "depth": depth})
    return [one for number, one in enumerate(found) if one not in found[:number]]


def names_in_places():
    """What stands in places of results behind the volume: arms, data sets, variants of generators."""
    found = [*ARMS, *STUDY.data_sets, *STUDY.gallery.data_sets]
    for volume in TARGETS:
        found += generators_on(STUDY, VOLUMES, volume) + mask_generators_on(STUDY, VOLUMES, volume)
    return sorted(set(found))


def drawing_of_set(wildcards):
    return drawing(STUDY.variant_of(wildcards.data_set), wildcards.budget)


def drawing_of_arm(wildcards):
    return drawing(STUDY.arms[wildcards.arm].variant, wildcards.budget)


def drawing_of_reference(wildcards):
    return drawing(STUDY.arms[REFERENCE].variant, wildcards.budget)


def drawing_of_generator(wildcards):
    return drawing(wildcards.variant, wildcards.budget)


def drawing_of_sheet(wildcards):
    sheet = config["sheets"][wildcards.sheet]
    return drawing(STUDY.variant_of(sheet["data_sets"][0]), sheet["budget"])


def watershed_settings(wildcards):
    """What tuning and using one way to instances depend on: the settings of others concern nobody."""
    watershed = settings_of(wildcards.arm)["watershed"]
    return {key: watershed[key] for key in ("method", "tune_by")} | {
        "settings": chosen(watershed[watershed["method"]])
    }


def cutting_of_study():
    """How the arms make instances, as the check of the data holds it against the structure; nothing without targets."""
    used = [settings_of(arm)["watershed"] for arm in STUDY.arms] if TARGETS else []
    return {
        "methods": sorted({one["method"] for one in used}),
        "median_slices": max((one["median_slices"] for one in used), default=1),
    }


def median_of_arm(wildcards):
    """How many slices the predictions of an arm are the medians of."""
    return settings_of(wildcards.arm)["watershed"]["median_slices"]


def target_of(wildcards):
    """What the U-Nets of an arm learn to find."""
    return chosen(settings_of(wildcards.arm)["unets"]["target"])


def segmenter_of(wildcards):
    return SEGMENTERS[settings_of(wildcards.arm)["unets"]["network"]["kind"]]


def membrane_segmenter(wildcards):
    return SEGMENTERS[settings(wildcards.variant)["membranes"]["network"]["kind"]]


def adversary_of(training):
    """The discriminator of maps that a segmenter is trained against, in a list: [] where there is none."""
    kind = training["adversary"]["kind"]
    return [] if kind == "none" else [DISCRIMINATORS[kind]]


def generator_of(variant):
    return GENERATORS[settings(variant)["gans"]["generator"]["kind"]]


def discriminator_of(variant):
    return DISCRIMINATORS[settings(variant)["gans"]["discriminator"]["kind"]]


def objective_of(variant):
    return OBJECTIVES[settings(variant)["gans"]["objective"]["kind"]]


def conditions_of(variant):
    """The masks and structure maps that generators of a variant see, by their names in files."""
    return names_of(settings(variant)["gans"]["conditions"], config["structure"])


def channels_seen(variant):
    """How many channels the generators of a variant are given."""
    gans = settings(variant)["gans"]
    return len(channels_of(gans["conditions"], one_hot=gans["one_hot"]))


def made_as(wildcards):
    """The config under which a data set is made."""
    return settings(STUDY.variant_of(wildcards.data_set))


def bending_of_set(wildcards):
    """How many slices a data set has, and how real ones are bent for it."""
    masks = made_as(wildcards)["synthesis"]["masks"]
    return {"slices": masks["slices"], **masks["bent"]}


def conditions_of_set(wildcards):
    """The masks that images of a data set are painted on."""
    return conditions_of(STUDY.variant_of(wildcards.data_set))


def seen_beside(name, variant):
    """The masks that a membrane network sees beside the image, where it has learnt on this volume."""
    return masks_beside(settings(variant), VOLUMES[name])


def membrane_for(volume, variant):
    """The predicted membrane of a volume that has no true one, for generators that see membranes."""
    if membranes_from(settings(variant), VOLUMES, volume) != "source":
        return []
    return f"results/membranes/{volume}/{STUDY.alike(variant, 'membranes', 'inference')}/membrane.h5"


def membrane_of_gan(wildcards):
    return membrane_for(wildcards.volume, wildcards.variant)


def membrane_of_set(wildcards):
    return membrane_for(wildcards.volume, STUDY.variant_of(wildcards.data_set))


def filled_in(path, wildcards, **others):
    """A path with the wildcards of a job; others: values in their place, or of those that the rule does not have."""
    return path.format(**{**wildcards, **others})


def mask_generator_of_set(wildcards):
    """The trained generator that invents the masks of a data set."""
    variant = mask_generator_variant(STUDY, VOLUMES, wildcards.data_set, wildcards.volume)
    return filled_in(f"results/mask_generator/{GAN}/network.pt", wildcards, variant=variant)


def generator_of_set(wildcards):
    """The trained generator that paints a data set."""
    variant = generator_variant(STUDY, VOLUMES, wildcards.data_set, wildcards.volume)
    return filled_in(f"results/gans/{GAN}/network.pt", wildcards, variant=variant)


def findings_of_set(wildcards):
    """What was found wrong with the generators of a data set, of images and of masks, while they trained."""
    networks = [generator_of_set(wildcards)]
    networks += [mask_generator_of_set(wildcards)] if wildcards.data_set in INVENTED else []
    return [network.replace("network.pt", "findings.json") for network in networks]


def snapshots_of_generator(wildcards):
    """The generators that were kept at some steps of that training."""
    return generator_of_set(wildcards).replace("network.pt", "snapshots")


def judge_of_set(wildcards):
    """The reference's network of the same labelled slices, which is asked where it finds the structure in images.

    In a list; [] where it has learnt from other images than real ones or from other slices, or marks no single slices.
    """
    unets = settings_of(REFERENCE)["unets"]
    marks = unets["target"]["kind"] == "mask" and patch_slices_of(REFERENCE) == 1
    alike = drawing_of_reference(wildcards) == drawing_of_set(wildcards)
    painted = config["structure"] in conditions_of_set(wildcards)
    if STUDY.arms[REFERENCE].learns_from or not (marks and alike and painted):
        return []
    judge = STUDY.networks_of(REFERENCE)
    return [filled_in(f"results/unets/{RUN}/network.pt", wildcards, arm=judge, seed=1)]


def painted_whole(wildcards):
    """How whole slices are painted; the rest of the section is about networks that segment."""
    return {key: made_as(wildcards)["inference"][key] for key in ("tile", "halo")}


def asked_of_judge(wildcards):
    """How it is applied; {} where there is none."""
    return inference_of(settings_of(REFERENCE), "unets") if judge_of_set(wildcards) else {}


def networks_measured(wildcards):
    """The classes of the networks that say how real the images of a data set are: its generator, and its judge."""
    judge = [segmenter_of(Wildcards(fromdict={"arm": REFERENCE}))] if judge_of_set(wildcards) else []
    return [generator_of(STUDY.variant_of(wildcards.data_set)), *judge]


def patches_measured(wildcards):
    """How many real and generated patches are held against each other, and how large they are."""
    trained = (settings(STUDY.variant_of(name))["gans"]["training"]["patch"] for name in STUDY.painters)
    side = config["realism"]["side"] or min(trained)  # distances of patches of two sizes are no comparison
    return {"patches": config["realism"]["patches"], "side": side}


def names_of_sets(wildcards):
    """The data sets that an arm learns from, in the order of their files.

    Snakemake compares files as a set: two data sets that swap theirs must be another list of names.
    """
    names = STUDY.arms[wildcards.arm].learns_from
    return sorted(names, key=lambda name: (file_of_set(name, wildcards), name))


def sets_of(wildcards):
    """The files of the data sets that an arm learns from: `real` never waits for a GAN."""
    return [file_of_set(name, wildcards) for name in names_of_sets(wildcards)]


def file_of_set(name, wildcards):
    data_set = STUDY.data_sets[name]
    if data_set["kind"] == "volume":
        return f"results/volumes/{data_set['volume']}/volume.h5"
    return filled_in(f"results/synthesis/{DATA_SET}/volume.h5", wildcards, data_set=name)


def matched_set(wildcards):
    """The generated data set whose images and masks a control mismatches."""
    return file_of_set(STUDY.data_sets[wildcards.data_set]["of"], wildcards)


def learning_of(wildcards):
    """What an arm learns from: the shares of its data sets."""
    arm = STUDY.arms[wildcards.arm]
    return {"sets": arm.sets, "then": arm.then, "switch": arm.switch if arm.then else 0.0}


def network_of(wildcards):
    """The network of an arm, or of the first arm with the same data and settings of the U-Net."""
    return filled_in(f"results/unets/{RUN}/network.pt", wildcards, arm=STUDY.networks_of(wildcards.arm))


def origin_of(wildcards):
    """The record of what the network of an arm was made from."""
    return network_of(wildcards).replace("network.pt", "provenance.json")


def described_network(wildcards):
    """What a shared network says of itself, as the config has it."""
    return {
        "segments": config["structure"],
        "target": target_of(wildcards),
        "inference": inference_of(settings_of(wildcards.arm), "unets"),
        "watershed": watershed_settings(wildcards) | {"median_slices": median_of_arm(wildcards)},
        **{key: config["exports"][key] for key in ("authors", "licence", "cite")},
    }


def batch_of(wildcards):
    """The first batch that the network of an arm learns from, in its first run."""
    arm = STUDY.networks_of(wildcards.arm)
    return filled_in(f"results/unets/{RUN}/batch.h5", wildcards, arm=arm, **FIRST)


def snapshots_of(wildcards):
    """The networks of an arm that were kept at some steps of a training."""
    return network_of(wildcards).replace("network.pt", "snapshots")


def probability_of(wildcards, **others):
    """What the network of an arm, or of the first arm that predicts the same, finds; others: as of `filled_in`."""
    arm = STUDY.first_arm(wildcards.arm, "unets", "labels", "inference")
    return filled_in(f"results/unets/{RUN}/probability.h5", wildcards, arm=arm, **others)


def started_from(path, part):
    """A section whose networks start from this file, or from random weights."""
    training = part["training"]
    return chosen({**part, "training": {**training, "start": {**training["start"], "from": path}}})


def started_as(section, own):
    """For each network of a section, the section: what start.from names starts from random weights itself."""

    def section_of(wildcards):
        part = settings(wildcards.variant)[section]
        path = start_file(part, wildcards.volume)
        return started_from("" if path == own.format(**wildcards) else path, part)

    return section_of


membranes_of = started_as("membranes", "results/membranes/{volume}/{variant}/network.pt")
gans_of = started_as("gans", f"results/gans/{GAN}/network.pt")
pretraining_of = started_as("pretraining", "results/pretraining/{volume}/{variant}/network.pt")


def learnt_of_membranes(wildcards):
    """What shapes a membrane network, of the settings of its section."""
    return chosen({key: membranes_of(wildcards)[key] for key in ("network", "training")})


def start_of(section_of, network):
    """The network that `network` starts from, where the config names one of this workflow."""
    return named_file(lambda wildcards: section_of(wildcards)["training"]["start"]["from"], network)


def start_content(section_of):
    """Hash of what the network that a network starts from holds, where it is a user's file."""
    return lambda wildcards: named_content(section_of(wildcards)["training"]["start"]["from"])


def by_start(section_of):
    """The settings of a network as Snakemake and its states compare them: a user's file counts by what it holds.

    Its record has the settings as they are written.
    """
    content_of = start_content(section_of)
    return lambda wildcards: placed(started_by_content(section_of(wildcards), content_of(wildcards)))


def semantics_in(section):
    """The file that `semantics` names in a section, which that of pre-training alone has; "" where it names none."""
    word = section.get("semantics", "none")
    return "" if word in ("none", "encoder") else word


def semantics_file(wildcards):
    return semantics_in(pretraining_of(wildcards))


def semantics_content(wildcards):
    """Hash of what the network of `semantics_network` holds, where it is a user's file."""
    return named_content(semantics_file(wildcards))


def pretraining_by_content(wildcards):
    """The settings of a pre-training as of `by_start`, and its `semantics` as what that file holds."""
    content = semantics_content(wildcards)
    known = by_start(pretraining_of)(wildcards)
    return {**known, "semantics": content} if content else known


def unets_of(wildcards):
    """The settings of the networks of an arm, on one of the targets."""
    part = validated_as_it_acts(settings_of(wildcards.arm)["unets"], drawing_of_arm(wildcards))
    return started_from(start_file(part, wildcards.volume), part)


def settings_of_networks(wildcards):
    """{section: {arm or variant, with its budget: its settings}} of all U-Nets and generators of a target."""

    def settings_at(section_of, names, word):
        places = {f"{name}/budget-{budget}": {word: name, "budget": str(budget)} for name, budget in names}
        draw = {"volume": wildcards.volume, "replicate": 1}  # no setting depends on the replicate
        known = by_start(section_of)
        return {place: known(Wildcards(fromdict=draw | run)) for place, run in places.items()}

    variants = generators_on(STUDY, VOLUMES, wildcards.volume)
    return {
        "unets": settings_at(unets_of, product(TRAINED_ARMS, BUDGETS), "arm"),
        "gans": settings_at(gans_of, product(variants, BUDGETS), "variant"),
    }


def prediction_parts(wildcards):
    """The shares of a prediction that several jobs make together."""
    path = f"results/unets/{RUN}/parts/{{part}}-of-{{parts}}.h5"
    return parts_of(path, wildcards, PREDICTION_PARTS)


def stack_parts(wildcards):
    """The shares of the prediction of a stack that several jobs make together."""
    return parts_of("results/apply/{stack}/{arm}/parts/{part}-of-{parts}.h5", wildcards, STACK_PARTS)


def parts_of(path, wildcards, count):
    return expand(path, **wildcards, part=range(1, count + 1), parts=count)


def with_instances(path):
    """The file of each target whose data has true instances of the structure."""
    known = [name for name in TARGETS if config["structure"] in VOLUMES[name]["labels"]]
    return expand(path, volume=known)


# Arms whose networks are kept at some steps, and scored there.
WATCHED_ARMS = [arm for arm in ARMS if settings_of(arm)["unets"]["training"]["snapshots"]]
SHEETS = list(config["sheets"])


def sheet_of(wildcards):
    """A sheet of generated images, with the steps and the size that its first generator has for it."""
    sheet = config["sheets"][wildcards.sheet]
    training = settings(STUDY.variant_of(sheet["data_sets"][0]))["gans"]["training"]
    axis = "snapshots" in (sheet["rows"], sheet["columns"])
    steps = (sheet["snapshots"] or training["snapshots"]) if axis else []
    return sheet | {"snapshots": sorted(steps), "size": sheet["size"] or training["patch"]}


def generators_of_sheet(wildcards):
    """{data set: the folder of its generator} of a sheet."""
    sheet = config["sheets"][wildcards.sheet]
    draw = {key: sheet[key] for key in ("budget", "replicate")} | {"volume": wildcards.volume}
    return {
        name: f"results/gans/{GAN}".format(
            **draw, variant=generator_variant(STUDY, VOLUMES, name, wildcards.volume)
        )
        for name in shown_sets(sheet)
    }


def files_of_sheet(wildcards):
    """What the generators of a sheet draw with: snapshots where these are an axis, else the finished networks."""
    part = "snapshots" if sheet_of(wildcards)["snapshots"] else "network.pt"
    return [f"{folder}/{part}" for folder in generators_of_sheet(wildcards).values()]


def membranes_of_sheet(wildcards):
    """Predicted membranes that the generators of a sheet see."""
    names = generators_of_sheet(wildcards)
    found = [membrane_for(wildcards.volume, STUDY.variant_of(name)) for name in names]
    return list(dict.fromkeys(path for path in found if path))


def sources_of_sheet(wildcards):
    """{data set of a sheet: what its generator sees, and how long it has learnt}."""
    sources = {}
    for name in generators_of_sheet(wildcards):
        variant = STUDY.variant_of(name)
        gans = settings(variant)["gans"]
        sources[name] = {
            "membrane": placed(membrane_for(wildcards.volume, variant)) or "",
            "conditions": conditions_of(variant),
            "one_hot": gans["one_hot"],
            "steps": gans["training"]["steps"],
        }
    return sources


def classes_of_sheet(wildcards):
    """The classes of the generators of a sheet, each once."""
    names = generators_of_sheet(wildcards)
    return list(dict.fromkeys(generator_of(STUDY.variant_of(name)) for name in names))


# Targets with a table of what failed in the training of generators: none where that ends a run.
COLLAPSE_TARGETS = (
    TARGETS
    if any(
        settings(STUDY.variant_of(name))["gans"]["guards"]["on_failure"] == "record"
        for name in STUDY.painters
    )
    else []
)
