"""The fMRI networks: the decoding encoder with its mappers, and the phase-1 masked autoencoder with its losses."""

import functools
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class FMRIConfiguration:
    voxels: int = 4656
    patch: int = 16
    width: int = 1024
    depth: int = 24
    heads: int = 16
    decoder_width: int = 512
    decoder_depth: int = 8
    decoder_heads: int = 16
    mask_ratio: float = 0.75
    context_tokens: int = 77
    context_width: int = 512

    @property
    def patches(self):
        return self.voxels // self.patch


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        heads = F.scaled_dot_product_attention(q, k, v)
        return self.proj(heads.transpose(1, 2).reshape(batch, tokens, width))


class MLP(nn.Module):
    """The hidden layer is as wide as the block (ratio 1)."""

    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-5)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-5)
        self.mlp = MLP(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbedding(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.proj = nn.Conv1d(1, width, patch, stride=patch)

    def forward(self, x):
        return self.proj(x).transpose(1, 2)


class Encoder(nn.Module):
    """fmri [B,1,V] -> tokens [B,L,D]: no class token, no masking."""

    def __init__(self, c):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, c.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, c.patches + 1, c.width))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, c.width))
        self.patch_embed = PatchEmbedding(c.patch, c.width)
        self.blocks = nn.ModuleList(Block(c.width, c.heads) for _ in range(c.depth))
        self.norm = nn.LayerNorm(c.width, eps=1e-5)

    def forward(self, fmri):
        x = self.patch_embed(fmri) + self.pos_embed[:, 1:]
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class ConditioningStage(nn.Module):
    """fmri [B,1,V] -> context [B,77,512]."""

    def __init__(self, c=FMRIConfiguration()):
        super().__init__()
        self.mae = Encoder(c)
        self.channel_mapper = nn.Sequential(
            nn.Conv1d(c.patches, c.patches // 2, 1), nn.Conv1d(c.patches // 2, c.context_tokens, 1))
        self.dim_mapper = nn.Linear(c.width, c.context_width)

    def forward(self, fmri):
        return self.dim_mapper(self.channel_mapper(self.mae(fmri)))


class MaskedAutoencoder(nn.Module):
    """fmri [B,1,V] and uniform noise [B,L] -> (prediction [B,L,P], mask [B,L], 1 where removed)."""

    def __init__(self, c=FMRIConfiguration()):
        super().__init__()
        self.patch, self.kept = c.patch, int(c.patches * (1 - c.mask_ratio))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, c.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, c.patches + 1, c.width), requires_grad=False)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, c.decoder_width))
        self.decoder_pos_embed = nn.Parameter(torch.zeros(1, c.patches + 1, c.decoder_width), requires_grad=False)
        self.patch_embed = PatchEmbedding(c.patch, c.width)
        self.blocks = nn.ModuleList(Block(c.width, c.heads) for _ in range(c.depth))
        self.norm = nn.LayerNorm(c.width, eps=1e-5)
        self.decoder_embed = nn.Linear(c.width, c.decoder_width)
        self.decoder_blocks = nn.ModuleList(Block(c.decoder_width, c.decoder_heads) for _ in range(c.decoder_depth))
        self.decoder_norm = nn.LayerNorm(c.decoder_width, eps=1e-5)
        self.decoder_pred = nn.Linear(c.decoder_width, c.patch)

    def encode(self, fmri, kept):
        """The class token and the kept patches, without the last norm."""
        x = visible(self.patch_embed(fmri) + self.pos_embed[:, 1:], self.cls_token + self.pos_embed[:, :1], kept)
        for block in self.blocks:
            x = block(x)
        return x

    def decode(self, latent, restore):
        x = restored(self.decoder_embed(self.norm(latent)), self.mask_token, restore) + self.decoder_pos_embed
        for block in self.decoder_blocks:
            x = block(x)
        return self.decoder_pred(self.decoder_norm(x))[:, 1:]

    def forward(self, fmri, noise):
        kept, restore, mask = masking(noise, self.kept)
        return self.decode(self.encode(fmri, kept), restore), mask


def masking(noise, count):
    """Uniform noise [B,L] -> the patches with the `count` smallest numbers, the place of each patch in the order of
    the noise, and the mask, 1 where removed."""
    shuffle = torch.argsort(noise, dim=1, stable=True)
    kept = shuffle[:, :count]
    return kept, torch.argsort(shuffle, dim=1), torch.ones_like(noise).scatter(1, kept, 0.0)


def visible(tokens, first, kept):
    """The kept ones of tokens [B,L,D], one token in front."""
    chosen = tokens.gather(1, kept[:, :, None].expand(-1, -1, tokens.shape[2]))
    return torch.cat([first.expand(len(tokens), -1, -1), chosen], dim=1)


def restored(x, mask_token, restore):
    """Tokens [B,1+K,D] back at their places, the mask token at all others."""
    masked = mask_token.expand(len(x), restore.shape[1] + 1 - x.shape[1], -1)
    tokens = torch.cat([x[:, 1:], masked], dim=1).gather(1, restore[:, :, None].expand(-1, -1, x.shape[2]))
    return torch.cat([x[:, :1], tokens], dim=1)


def masked_error(prediction, target, mask):
    """The mean squared error of the removed patches."""
    return (((prediction - target) ** 2).mean(2) * mask).sum() / mask.sum()


def info_nce(query, key, temperature=0.1):
    """Positives on the diagonal, negatives the other samples of the batch."""
    cosines = F.normalize(query, dim=1) @ F.normalize(key, dim=1).T
    return F.cross_entropy(cosines / temperature, torch.arange(len(query)))


def phase_one_loss(model, fmri, noise_1, noise_2):
    """Reconstruction of the first pass plus self- and cross-contrast with the reference's default weights."""
    first, mask = model(fmri, noise_1)
    second, _ = model(fmri, noise_2)
    reconstruction = masked_error(first, fmri.view(first.shape), mask)
    signal = fmri.flatten(1)
    contrast = 0.5 * info_nce(first.flatten(1), signal) + 0.5 * info_nce(first.flatten(1), second.flatten(1))
    return reconstruction + 0.5 * contrast


def optimizer_of(model, rate):
    """AdamW as the reference sets it up: no decay for vectors and biases, nothing for what is frozen."""
    decayed, plain = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (plain if parameter.ndim == 1 or name.endswith(".bias") else decayed).append(parameter)
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), eps=1e-8)


def training_step(loss_of, parts):
    """A function that does one training step and returns the loss before it; `parts` are (model, optimizer, the norm to
    which the model's gradients are clipped)."""
    def step(**inputs):
        for _, optimizer, _ in parts:
            optimizer.zero_grad(set_to_none=True)
        loss = loss_of(**inputs)
        loss.backward()
        for model, optimizer, limit in parts:
            torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], limit)
            optimizer.step()
        return loss.detach()
    return step


def phase_one_step(model):
    return training_step(functools.partial(phase_one_loss, model), [(model, optimizer_of(model, 2.5e-4), 0.8)])
