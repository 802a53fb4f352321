"""
Images and their masks -> a generator that paints images on masks; images alone -> one that invents images.

needs   results/volumes/{volume}/volume.h5                           image, structure, other masks that are seen
        results/membranes/{volume}/{variant}/membrane.h5                       membrane, where it is seen and the volume has no true one
        the network that gans.training.start.from names, if any
makes   results/gans/{volume}/{variant}/budget-{budget}/replicate-{replicate}/network.pt       learnt on the labelled slices of this draw
        results/gans/{volume}/{variant}/budget-{budget}/replicate-{replicate}/findings.json    what failed while it trained, where that is recorded
        results/tables/{volume}/collapse.csv                         the same of all generators, only where that is recorded
        results/sheets/{volume}/{sheet}.h5                           what they draw for a sheet of the config
        results/tables/{volume}/networks.csv                         parameters of the networks, where a paper's page asks for them
        results/stylegan/{volume}/network.pt                         only where stylegan.wanted: needs no mask
        results/stylegan/{volume}/samples.h5                         some of its images, and real ones
"""


rule train_gan:
    """Train a generator on no more labels than the arms that will use it."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_gan,
        start=start_of(gans_of, f"results/gans/{GAN}/network.pt"),
    output:
        network=f"results/gans/{GAN}/network.pt",
        history=f"results/gans/{GAN}/history.csv",
        provenance=f"results/gans/{GAN}/provenance.json",
        snapshots=directory(f"results/gans/{GAN}/snapshots"),
        findings=f"results/gans/{GAN}/findings.json",
    log:
        f"results/logs/train_gan/{GAN}.log",
    benchmark:
        f"results/benchmarks/train_gan/{GAN}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_train(gans_of),
        runtime=time_to_train(gans_of),
    params:
        known=by_start(gans_of),
        start_content=start_content(gans_of),
        gans=lambda wildcards, input: placed(gans_of(wildcards)),
        conditions=lambda wildcards: conditions_of(wildcards.variant),
        labels=drawing_of_generator,
        compute=config["compute"],
        checkpoints=placed(f"results/checkpoints/train_gan/{GAN}"),
        live=placed(f"results/live/train_gan/{GAN}"),
        code=lambda wildcards: code(
            "train_gan.py",
            generator_of(wildcards.variant),
            discriminator_of(wildcards.variant),
            objective_of(wildcards.variant),
        ),
    script:
        "../workflow_scripts/train_gan.py"


rule train_stylegan:
    """Train a generator that draws images from nothing but chance, on the training slices without labels."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        network="results/stylegan/{volume}/network.pt",
        history="results/stylegan/{volume}/history.csv",
        provenance="results/stylegan/{volume}/provenance.json",
        snapshots=directory("results/stylegan/{volume}/snapshots"),
        findings="results/stylegan/{volume}/findings.json",
    log:
        "results/logs/train_stylegan/{volume}.log",
    benchmark:
        "results/benchmarks/train_stylegan/{volume}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_train(lambda wildcards: config["stylegan"]),
        runtime=time_to_train(lambda wildcards: config["stylegan"]),
    params:
        # Neither whether it is wanted nor what is shown of it changes the training.
        stylegan=chosen(
            {key: part for key, part in config["stylegan"].items() if key not in ("wanted", "samples")}
        ),
        compute=config["compute"],
        checkpoints=placed("results/checkpoints/train_stylegan/{volume}"),
        live=placed("results/live/train_stylegan/{volume}"),
        code=code("train_stylegan.py"),
    script:
        "../workflow_scripts/train_stylegan.py"


rule sample_stylegan:
    """Draw some images from nothing but chance, and take as many real ones."""
    input:
        network="results/stylegan/{volume}/network.pt",
        snapshots="results/stylegan/{volume}/snapshots",
        volume="results/volumes/{volume}/volume.h5",
    output:
        samples="results/stylegan/{volume}/samples.h5",
    log:
        "results/logs/sample_stylegan/{volume}.log",
    benchmark:
        "results/benchmarks/sample_stylegan/{volume}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(30),
    params:
        samples=config["stylegan"]["samples"],
        snapshots=config["stylegan"]["training"]["snapshots"],
        growth=chosen(config["stylegan"]["progressive"]) | {"size": config["stylegan"]["network"]["size"]},
        compute=config["compute"],
        code=code("sample_stylegan.py"),
    script:
        "../workflow_scripts/sample_stylegan.py"


rule collect_collapse:
    """Put what was found wrong with generators while they trained in one table."""
    input:
        findings=of_generators(f"results/gans/{GAN}/findings.json"),
    output:
        table="results/tables/{volume}/collapse.csv",
    log:
        "results/logs/collect_collapse/{volume}.log",
    benchmark:
        "results/benchmarks/collect_collapse/{volume}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        data_sets=lambda wildcards: {
            name: generator_variant(STUDY, VOLUMES, name, wildcards.volume) for name in STUDY.painters
        },
        code=code("collect_collapse.py"),
    script:
        "../workflow_scripts/collect_collapse.py"


rule paint_sheet:
    """Draw the images of a sheet, on masks of test slices or of those that were learnt from."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membranes=membranes_of_sheet,
        generators=files_of_sheet,
        findings=lambda wildcards: [
            f"{folder}/findings.json" for folder in generators_of_sheet(wildcards).values()
        ],
    output:
        sheet="results/sheets/{volume}/{sheet}.h5",
    log:
        "results/logs/paint_sheet/{volume}/{sheet}.log",
    benchmark:
        "results/benchmarks/paint_sheet/{volume}/{sheet}.tsv"
    wildcard_constraints:
        sheet=any_of(SHEETS),
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(60),
    params:
        sheet=sheet_of,
        folders=lambda wildcards: placed(generators_of_sheet(wildcards)),
        sources=sources_of_sheet,
        labels=drawing_of_sheet,
        inference={key: config["inference"][key] for key in ("tile", "halo")},
        compute=config["compute"],
        code=lambda wildcards: code("paint_sheet.py", *classes_of_sheet(wildcards)),
    script:
        "../workflow_scripts/paint_sheet.py"


rule count_parameters:
    """Count the parameters of the networks of every data set that a generator paints."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        table="results/tables/{volume}/networks.csv",
    log:
        "results/logs/count_parameters/{volume}.log",
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        painters={
            name: {
                "gans": chosen(
                    {
                        key: settings(STUDY.variant_of(name))["gans"][key]
                        for key in ("generator", "discriminator", "objective")
                    }
                ),
                "masks": channels_seen(STUDY.variant_of(name)),
            }
            for name in STUDY.painters
        },
        code=code("count_parameters.py", *GENERATORS.values(), *DISCRIMINATORS.values()),
    script:
        "../workflow_scripts/count_parameters.py"
