"""
New masks -> synthetic images -> those good enough, as a volume like any other.

needs   results/gans/{volume}/fraction-{fraction}/network.pt
makes   results/synthesis/{volume}/fraction-{fraction}/masks.h5        new masks, from labelled training slices only
        results/synthesis/{volume}/fraction-{fraction}/candidates.h5   a painted image for each
        results/synthesis/{volume}/fraction-{fraction}/repainted.h5    labelled slices beside what is painted on their masks
        results/synthesis/{volume}/fraction-{fraction}/filter.csv      what the filter measured, kept or not
        results/synthesis/{volume}/fraction-{fraction}/volume.h5       those kept: a canonical volume, perhaps empty
        results/synthesis/{volume}/fraction-{fraction}/decision.json   whether those kept are enough to train on
        results/exports/{volume}/synthetic/fraction-{fraction}/{format}/   the same for other programs, if they are
"""


rule synthetic:
    """Make the synthetic volumes, and images from nothing but chance where they are wanted."""
    input:
        [
            after_check(
                of_good_fractions(
                    "results/exports/{volume}/synthetic/fraction-{fraction}/{format}",
                    [fraction],
                    format=FORMATS,
                )
            )
            for fraction in SYNTHETIC_FRACTIONS
        ],
        after_check(
            expand(
                "results/synthesis/{volume}/fraction-{fraction}/volume.h5",
                volume=TARGET,
                fraction=SYNTHETIC_FRACTIONS,
            )
        ),
        after_check(
            expand(
                "results/figures/synthesis/{volume}/fraction-{fraction}/filtered.png",
                volume=TARGET,
                fraction=SYNTHETIC_FRACTIONS,
            )
        ),
        after_check(expand("results/figures/stylegan/{volume}.png", volume=STYLEGAN_VOLUMES)),


rule make_masks:
    """Bend and mirror real masks into new ones."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of,
    output:
        masks="results/synthesis/{volume}/fraction-{fraction}/masks.h5",
    log:
        "results/logs/make_masks/{volume}/fraction-{fraction}.log",
    benchmark:
        "results/benchmarks/make_masks/{volume}/fraction-{fraction}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=30,
    params:
        masks=config["synthesis"]["masks"],
        conditions=CONDITIONS,
        code=code("make_masks.py"),
    script:
        "../workflow_scripts/make_masks.py"


rule generate_volume:
    """Paint an image on every new mask, and on real ones to compare."""
    input:
        masks="results/synthesis/{volume}/fraction-{fraction}/masks.h5",
        network="results/gans/{volume}/fraction-{fraction}/network.pt",
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of,
    output:
        repainted="results/synthesis/{volume}/fraction-{fraction}/repainted.h5",
        candidates="results/synthesis/{volume}/fraction-{fraction}/candidates.h5",
    log:
        "results/logs/generate_volume/{volume}/fraction-{fraction}.log",
    benchmark:
        "results/benchmarks/generate_volume/{volume}/fraction-{fraction}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=60,
    params:
        # The rest of the section is about networks that segment.
        inference={key: config["inference"][key] for key in ("tile", "halo")},
        masks=config["synthesis"]["masks"],
        conditions=CONDITIONS,
        compute=config["compute"],
        code=code("generate_volume.py", GENERATOR),
    script:
        "../workflow_scripts/generate_volume.py"


checkpoint filter_volume:
    """Drop synthetic slices that are too unlike the real ones; decide whether the rest is enough to train on.

    A checkpoint, because that decides which networks there will be.
    """
    input:
        candidates="results/synthesis/{volume}/fraction-{fraction}/candidates.h5",
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of,
    output:
        volume="results/synthesis/{volume}/fraction-{fraction}/volume.h5",
        table="results/synthesis/{volume}/fraction-{fraction}/filter.csv",
        decision="results/synthesis/{volume}/fraction-{fraction}/decision.json",
    log:
        "results/logs/filter_volume/{volume}/fraction-{fraction}.log",
    benchmark:
        "results/benchmarks/filter_volume/{volume}/fraction-{fraction}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=30,
    params:
        filter={key: value for key, value in config["synthesis"]["filter"].items() if key != "least_kept"},
        least_kept=config["synthesis"]["filter"]["least_kept"],
        conditions=CONDITIONS,
        code=code("filter_volume.py"),
    script:
        "../workflow_scripts/filter_volume.py"


rule export_synthetic:
    """Write a synthetic volume in a format of other programs."""
    input:
        volume="results/synthesis/{volume}/fraction-{fraction}/volume.h5",
    output:
        folder=directory("results/exports/{volume}/synthetic/fraction-{fraction}/{format}"),
    log:
        "results/logs/export_synthetic/{volume}/fraction-{fraction}/{format}.log",
    benchmark:
        "results/benchmarks/export_synthetic/{volume}/fraction-{fraction}/{format}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=60,
    params:
        options=export_options,
        code=code("export_synthetic.py"),
    script:
        "../workflow_scripts/export_synthetic.py"
