"""A membrane network and a volume nobody has drawn membranes in -> its membranes."""

from synthem.arrays import as_stored, write_arrays
from synthem.inference import predict_slices
from synthem.log import logged_to
from synthem.networks.saving import load_network
from synthem.networks.unet import SEGMENTERS
from synthem.training import pick_device, use_threads
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    params, structure = snakemake.params, snakemake.params.structure
    use_threads(**params.compute)
    volume = read_volume(snakemake.input.volume, masks=[structure], labels=[])
    probability = predict_slices(
        load_network(snakemake.input.network, SEGMENTERS),
        [volume.image, volume.masks[structure]],
        device=pick_device(),
        **params.inference,
    )
    arrays = {"probability": as_stored(probability), "membrane": probability >= params.threshold}
    write_arrays(snakemake.output.membrane, arrays, {"voxel_size_nm": volume.voxel_size_nm})
