"""Writes the random weights, the inputs and the ONNX file of one run, unless they are there already."""

import argparse
import os
import warnings

import numpy as np
import torch

import tensorfile
from networks import FORWARD_INPUTS, NETWORKS, RUN_NETWORK, generator, load, random_weights


def write_once(path, write):
    """`write(temporary path)`, then a rename: a file that exists is complete."""
    if not os.path.exists(path):
        stem, suffix = os.path.splitext(path)
        temporary = f"{stem}.partial{suffix}"
        write(temporary)
        os.replace(temporary, path)


def export(run, directory, path):
    module, inputs = load(RUN_NETWORK[run], directory)
    names = FORWARD_INPUTS[run]
    arguments = tuple(torch.from_numpy(inputs[name]) for name in names)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), arguments, path, input_names=names, output_names=["output"],
                          opset_version=17, dynamo=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True, choices=RUN_NETWORK)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--onnx", action="store_true")
    options = parser.parse_args()
    network = RUN_NETWORK[options.run]
    base = f"{options.directory}/{network}"
    os.makedirs(options.directory, exist_ok=True)
    inputs = NETWORKS[network].inputs(generator(options.seed, f"{network} inputs"))
    write_once(f"{base}.inputs.npz", lambda path: np.savez(path, **inputs))
    write_once(f"{base}.safetensors", lambda path: tensorfile.write(path, random_weights(network, options.seed)))
    if options.onnx:
        write_once(f"{base}.onnx", lambda path: export(options.run, options.directory, path))


if __name__ == "__main__":
    main()
