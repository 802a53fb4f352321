"""Everything that ran -> one record: versions, settings, code, seeds, durations."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.runs.record import refuse_other_settings, run_record
    from synthem.storage.files import write_json

    params, inputs = snakemake.params, snakemake.input
    networks = [*inputs.networks, *inputs.gans, *inputs.mask_generators, *inputs.synthetic]
    refuse_other_settings(networks, params.settings)
    about = {"config": params.config, "content": params.content, "benchmarks": params.benchmarks}
    about |= {"run": params.run}
    record = run_record(networks=networks, **about)
    write_json(snakemake.output.provenance, record)
