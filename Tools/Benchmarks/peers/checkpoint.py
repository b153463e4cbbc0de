"""Writes a full-size fine-tuned checkpoint with random weights, in the layout of the public ones, to measure importing:
`checkpoint.py --directory DIR --out finetuned.pth`, where DIR holds what prepare.py wrote for unet, vq and fmri."""

import argparse
import collections

import torch

import tensorfile

PREFIXES = {"unet": "model.diffusion_model.", "vq": "first_stage_model.", "fmri": "cond_stage_model."}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    weights = collections.OrderedDict()
    for network, prefix in PREFIXES.items():
        for name, array in tensorfile.read(f"{options.directory}/{network}.safetensors"):
            weights[prefix + name] = torch.from_numpy(array)
    torch.save({"model_state_dict": weights, "config": None, "state": torch.get_rng_state()}, options.out)


if __name__ == "__main__":
    main()
