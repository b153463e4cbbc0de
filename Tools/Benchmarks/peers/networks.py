"""The runs that are compared: for each its network, input arrays and PyTorch call."""

import zlib
from dataclasses import dataclass
from typing import Callable

import numpy as np
import torch

import tensorfile
from autoencoder import Autoencoder
from crossmodal import CrossModalModel, phase_two_step
from diffusion import LatentDiffusion, phase_three_step
from fmri import ConditioningStage, MaskedAutoencoder, phase_one_step
from unet import UNet


@dataclass(frozen=True)
class Network:
    build: Callable
    inputs: Callable  # generator -> arrays by name, in the order of the forward call


def normal(generator, *shape):
    return generator.standard_normal(shape, dtype=np.float32)


NETWORKS = {
    "unet": Network(UNet, lambda g: {
        "x": normal(g, 1, 3, 64, 64), "t": np.array([501], np.int64), "context": normal(g, 1, 77, 512),
        "noise": normal(g, 1, 3, 64, 64)}),
    "vq": Network(Autoencoder, lambda g: {"z": normal(g, 1, 3, 64, 64)}),
    "fmri": Network(ConditioningStage, lambda g: {"fmri": normal(g, 1, 1, 4656)}),
    "mae": Network(MaskedAutoencoder, lambda g: {
        "fmri": normal(g, 8, 1, 4656), "noise_1": g.random((8, 291), np.float32),
        "noise_2": g.random((8, 291), np.float32)}),
    "crossmodal": Network(CrossModalModel, lambda g: {
        "fmri": normal(g, 4, 1, 4656), "image": normal(g, 4, 3, 224, 224),
        "fmri_noise": g.random((4, 291), np.float32), "image_noise": g.random((4, 196), np.float32)}),
    "ldm": Network(LatentDiffusion, lambda g: {
        "image": 2 * g.random((1, 3, 256, 256), np.float32) - 1, "fmri": normal(g, 1, 1, 4656),
        "t": np.array([501], np.int64), "noise": normal(g, 1, 3, 64, 64)}),
}

# Inputs of the inference runs in the order of the forward call.
FORWARD_INPUTS = {"unet": ["x", "t", "context"], "vq": ["z"], "fmri": ["fmri"]}
# Runs that are training steps: network, and what makes the step of it.
TRAINING_STEPS = {"mae_train": ("mae", phase_one_step), "crossmodal_train": ("crossmodal", phase_two_step),
                  "ldm_train": ("ldm", phase_three_step)}
RUN_NETWORK = {"unet": "unet", "vq": "vq", "fmri": "fmri", "unet_train": "unet",
               **{run: network for run, (network, _) in TRAINING_STEPS.items()}}


def generator(seed, name):
    return np.random.Generator(np.random.Philox([seed, zlib.crc32(name.encode())]))


def random_weights(network, seed):
    """Weights that keep activations of order one and leave nothing at zero, so that a missing term shows."""
    with torch.device("meta"):
        shapes = {name: tuple(p.shape) for name, p in NETWORKS[network].build().state_dict().items()}
    weights = {}
    for name, shape in shapes.items():
        values = normal(generator(seed, f"{network}/{name}"), *shape)
        if name.endswith(("_token", "pos_embed", "position_embeddings")):
            values *= 0.5
        elif len(shape) > 1:
            values /= np.sqrt(np.prod(shape[1:], dtype=np.float32))
        else:
            values *= 0.1
            if name.endswith(".weight"):  # one-dimensional weights belong to normalisations
                values += 1
        weights[name] = values
    return weights


def load(network, directory):
    """The PyTorch network with the weights of the directory, and its inputs as arrays."""
    with torch.device("meta"):
        module = NETWORKS[network].build()
    module = module.to_empty(device="cpu")
    missing = dict(module.state_dict())
    for name, array in tensorfile.read(f"{directory}/{network}.safetensors"):
        missing.pop(name).copy_(torch.from_numpy(array))
    if missing:
        raise ValueError(f"{network}.safetensors in {directory} lacks {', '.join(missing)}; delete it and run again")
    return module, dict(np.load(f"{directory}/{network}.inputs.npz"))


def torch_call(run, directory, channels_last):
    """A function without arguments that performs the run once in PyTorch and returns its output."""
    module, arrays = load(RUN_NETWORK[run], directory)
    inputs = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if channels_last:
        module = module.to(memory_format=torch.channels_last)
        inputs = {name: t.to(memory_format=torch.channels_last) if t.ndim == 4 else t for name, t in inputs.items()}
    if run in TRAINING_STEPS:
        step = TRAINING_STEPS[run][1](module)
        return lambda: step(**inputs)
    if run == "unet_train":
        def step():
            module.zero_grad(set_to_none=True)
            prediction = module(inputs["x"], inputs["t"], inputs["context"])
            loss = ((prediction - inputs["noise"]) ** 2).mean()
            loss.backward()
            return loss.detach()
        return step
    module.eval().requires_grad_(False)
    arguments = [inputs[name] for name in FORWARD_INPUTS[run]]

    @torch.inference_mode()
    def forward():
        return module(*arguments)
    return forward
