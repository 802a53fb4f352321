"""New masks -> an image painted on each: a volume like any other. Real masks are painted too, to compare."""

from synthem.conditions import labelled_examples
from synthem.inference import generate_slices
from synthem.log import logged_to
from synthem.networks.pix2pix import GENERATORS
from synthem.networks.saving import load_network
from synthem.provenance import file_hash
from synthem.training import pick_device, use_threads
from synthem.volumes import read_array, read_attributes, synthetic_volume, write_arrays, write_volume

with logged_to(snakemake.log[0]):
    params, inputs = snakemake.params, snakemake.input
    use_threads(**params.compute)
    painting = {
        "generator": load_network(inputs.generator, GENERATORS),
        "seed": params.masks["seed"],
        "device": pick_device(),
        **params.inference,
    }
    masks = {name: read_array(inputs.masks, name) for name in (params.structure, "membrane")}
    origin = read_attributes(inputs.masks)
    image = generate_slices(conditions=list(masks.values()), **painting)
    volume = synthetic_volume(image, masks, origin, generator=file_hash(inputs.generator))
    write_volume(snakemake.output.candidates, volume)

    fraction = float(snakemake.wildcards.fraction)
    real, known, _ = labelled_examples(
        inputs.volume, inputs.get("membrane"), structure=params.structure, fraction=fraction
    )
    painted = generate_slices(conditions=list(known.values()), **painting)
    size = {"voxel_size_nm": origin["voxel_size_nm"]}
    write_arrays(snakemake.output.repainted, {"real": real, "painted": painted, **known}, size)
