"""A network -> probabilities of the validation and the test block."""

from synthem.arrays import as_stored, write_arrays
from synthem.inference import predict_slices
from synthem.log import logged_to
from synthem.networks.saving import load_network
from synthem.networks.unet import SEGMENTERS
from synthem.training import pick_device, use_threads
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    use_threads(**snakemake.params.compute)
    net, device = load_network(snakemake.input.network, SEGMENTERS), pick_device()
    arrays = {}
    for block in ("validation", "test"):
        volume = read_volume(snakemake.input.volume, block=block, masks=[], labels=[])
        arrays[block] = as_stored(
            predict_slices(net, [volume.image], device=device, **snakemake.params.inference)
        )
    write_arrays(snakemake.output.probability, arrays, {"voxel_size_nm": volume.voxel_size_nm})
