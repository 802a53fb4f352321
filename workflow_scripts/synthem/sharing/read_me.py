"""The README of a shared network: what it is for, in words and with numbers."""

from synthem.sharing.cards import microscopy_of

GREYS = {
    "standardised": "Each slice is standardised by its own mean and standard deviation: of the whole slice,\n"
    "  not of a tile of it, nor of the stack.",
    "unit": "Grey levels of 8 bits are scaled to [-1, 1].",
}
SEEN = {  # the same in torch
    "standardised": "(image - image.mean((-2, -1), keepdim=True)) "
    "/ image.std((-2, -1), correction=0, keepdim=True)",
    "unit": "image / 127.5 - 1",
}


def read_me(card, network):
    """Markdown, with the heading `Validation` that bioimage.io asks for; network: the name of its class."""
    run, made, inference = card["run"], card["made_from"], card["inference"]
    voxel = " x ".join(f"{size:g}" for size in card["voxel_size_nm"])
    threshold, instances = card["mask_threshold"], card["instances"]
    mask = "what the objects mark" if threshold is None else f"where that is at least {threshold:g}"
    return f"""# {card["segments"]} in {microscopy_of(card)}

A network of the kind `{card["kind"]}` that Synthem {made["synthem"]["version"]} trained:
{", ".join(f"{key} `{word}`" for key, word in run.items())}.

* A voxel has {voxel} nm (z, y, x). Resample images of another size.
* {GREYS[card["greys"]]}
* The output is a probability; the mask is {mask}.
* Objects are found by the method `{instances["method"]}` with {instances["settings"]}.
* Longer images than {inference["tile"]} pixels are cut in tiles, which see {inference["halo"]} pixels more
  on each side.
* `test_input.npy` is a piece of the slices that the network has not learnt from.

## Use

In Synthem, the package as it is segments stacks without a study:

```yaml
targets: []
apply:
  networks: {{theirs: network.bioimageio.zip}}
  stacks: {{whole: {{image: whole.tif, voxel_size_nm: [z, y, x]}}}} # yours
```

In plain torch: in the folder of the unpacked package, with numpy beside it:

```python
import numpy, torch
from architecture import {network}

net = {network}(**{card["arguments"]}).eval()
net.load_state_dict(torch.load("weights.pt", weights_only=True))
image = torch.from_numpy(numpy.load("test_input.npy")).float()  # [batch, channels, (z,) y, x]
seen = {SEEN[card["greys"]]}
probability = net(seen).sigmoid().detach().numpy()
```

## Validation

Segment slices with labels that it has not seen, and hold the mask against them (IoU). Other tissue,
staining or microscopes can make it fail without a warning.

## Licence

{card["licence"] or "Not given: ask the authors before you use it."}

## Origin

settings `{made["settings_hash"]}`, code `{made["code"]}`, seed {made["seed"]}
"""
