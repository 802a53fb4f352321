"""Networks, or parts that other jobs predicted with them -> probabilities of a whole stack."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as, pick_device
    from synthem.inference.applying import (
        make_room,
        name_of,
        predict_stack,
        refuse_no_network,
        refuse_other_colours,
    )
    from synthem.inference.parts import gather_parts
    from synthem.inference.segmenting import Segmenter
    from synthem.networks.registry import SEGMENTERS
    from synthem.networks.saving import load_network
    from synthem.sharing.loading import load_shared
    from synthem.storage.naming import count_text
    from synthem.storage.volumes import read_facts

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    if inputs.get("parts"):
        gather_parts(snakemake.output[0], inputs.parts)
    else:
        compute_as(**params.compute)
        refuse_no_network(params.networks, arm=run.arm)
        say(f"{count_text(len(params.networks), 'network')}, each with the same weight")
        load = load_shared if params.shared else load_network
        nets = [load(path, SEGMENTERS) for path in params.networks]
        refuse_other_colours(inputs.volume, nets[0])
        segmenters = [Segmenter(net, device=pick_device(), **params.inference) for net in nets]
        learnt_nm = params.shared.get("learnt_nm")
        if inputs.learnt:
            learnt_nm = read_facts(inputs.learnt).voxel_size_nm
        settings = [params.inference, params.compute, learnt_nm]
        known = name_of(inputs.volume, settings, code=params.code, networks=params.networks)
        predict_stack(
            snakemake.output[0],
            inputs.volume,
            segmenters,
            learnt_nm=learnt_nm,
            pieces=make_room(params.pieces, known),
            part=int(run.get("part", 1)),
            parts=int(run.get("parts", 1)),
        )
