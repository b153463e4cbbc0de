"""Phase 3: the latent diffusion model with its condition and its autoencoder, and a training step of it."""

import numpy as np
import torch
from torch import nn

from autoencoder import Autoencoder
from fmri import ConditioningStage, training_step
from unet import UNet


class Wrapper(nn.Module):
    """What gives the UNet its name in the state dict."""

    def __init__(self):
        super().__init__()
        self.diffusion_model = UNet()


class LatentDiffusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = Wrapper()
        self.first_stage_model = Autoencoder()
        self.cond_stage_model = ConditioningStage()

    def forward(self, image, fmri, t, noise):
        """The mean squared error of the predicted noise."""
        with torch.no_grad():
            latents = self.first_stage_model.encode(image)
        betas = np.linspace(0.0015 ** 0.5, 0.0195 ** 0.5, 1000) ** 2
        share = torch.from_numpy(np.cumprod(1 - betas))[t].float()[:, None, None, None]
        noisy = share.sqrt() * latents + (1 - share).sqrt() * noise
        prediction = self.model.diffusion_model(noisy, t, self.cond_stage_model(fmri))
        return ((prediction - noise) ** 2).mean()


def phase_three_step(model):
    """With the published selection of parameters."""
    marks = ("attn2", "norm2", "time_embed_condtion")
    for name, parameter in model.named_parameters():
        of_unet = name.startswith("model.") and any(mark in name for mark in marks)
        parameter.requires_grad = of_unet or name.startswith("cond_stage_model.")
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=5.3e-5, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    return training_step(model, [(model, optimizer, 0.5)])
