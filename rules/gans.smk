"""
Images and their masks -> a generator that paints images on masks.

needs   results/volumes/{volume}/volume.h5                           image, structure
        results/membranes/{volume}/membrane.h5                       membrane, where the volume has no true one
        the network that gans.training.start_from names, if any
makes   results/gans/{volume}/fraction-{fraction}/network.pt       learnt on the labelled slices of this fraction
"""


rule train_gan:
    """Train a generator on no more labels than the arms that will use it."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of,
        start=start_of_gan,
    output:
        network="results/gans/{volume}/fraction-{fraction}/network.pt",
        history="results/gans/{volume}/fraction-{fraction}/history.csv",
        provenance="results/gans/{volume}/fraction-{fraction}/provenance.json",
    log:
        "results/logs/train_gan/{volume}/fraction-{fraction}.log",
    benchmark:
        "results/benchmarks/train_gan/{volume}/fraction-{fraction}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(6000),
        runtime=720,
        # Not a param: how often a state is saved changes no result, so nothing is to run again.
        checkpoint_every=config["progress"]["checkpoint_every"],
        tensorboard=int(config["progress"]["tensorboard"]),
    params:
        gans=gans_of,
        structure=config["structure"],
        compute=config["compute"],
        checkpoints="results/checkpoints/train_gan/{volume}/fraction-{fraction}",
        code=code("train_gan.py"),
    script:
        "../workflow_scripts/train_gan.py"
