"""The latent-diffusion UNet with spatial transformers and time conditioning, state-dict names as in the reference."""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class UNetConfiguration:
    in_channels: int = 3
    out_channels: int = 3
    model_channels: int = 192
    multipliers: tuple = (1, 2, 3, 5)
    residual_blocks: int = 2
    attention_factors: tuple = (2, 4, 8)
    context_width: int = 512
    context_tokens: int = 77


class ResBlock(nn.Module):
    def __init__(self, inputs, outputs, time_width):
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(32, inputs, eps=1e-5), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(time_width, outputs))
        self.out_layers = nn.Sequential(  # index 2 is the reference's dropout
            nn.GroupNorm(32, outputs, eps=1e-5), nn.SiLU(), nn.Identity(), nn.Conv2d(outputs, outputs, 3, padding=1))
        self.skip_connection = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, embedding, context):
        h = self.in_layers(x) + self.emb_layers(embedding)[:, :, None, None]
        return self.skip_connection(x) + self.out_layers(h)


class Attention(nn.Module):
    """One head as wide as the channels."""

    def __init__(self, width, context_width):
        super().__init__()
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_width, width, bias=False)
        self.to_v = nn.Linear(context_width, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width))

    def forward(self, x, context):
        q, k, v = self.to_q(x), self.to_k(context), self.to_v(context)
        heads = F.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])
        return self.to_out(heads[:, 0])


class GEGLU(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.proj = nn.Linear(width, 8 * width)

    def forward(self, x):
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = nn.Sequential(GEGLU(width), nn.Identity(), nn.Linear(4 * width, width))

    def forward(self, x):
        return self.net(x)


class TransformerBlock(nn.Module):
    def __init__(self, width, context_width):
        super().__init__()
        self.attn1 = Attention(width, width)
        self.ff = FeedForward(width)
        self.attn2 = Attention(width, context_width)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width, eps=1e-5) for _ in range(3))

    def forward(self, x, context):
        y = self.norm1(x)
        x = x + self.attn1(y, y)
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    def __init__(self, channels, context_width):
        super().__init__()
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, context_width)])
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x, embedding, context):
        h = self.proj_in(self.norm(x))
        batch, channels, height, width = h.shape
        tokens = h.flatten(2).transpose(1, 2)
        tokens = self.transformer_blocks[0](tokens, context)
        h = tokens.transpose(1, 2).reshape(batch, channels, height, width)
        return x + self.proj_out(h)


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x, embedding, context):
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, embedding, context):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class InputConvolution(nn.Conv2d):
    def forward(self, x, embedding, context):
        return super().forward(x)


class Stage(nn.ModuleList):
    """Modules in sequence, each given the time embedding and the context."""

    def forward(self, x, embedding, context):
        for module in self:
            x = module(x, embedding, context)
        return x


class UNet(nn.Module):
    """x [B,C,H,W], t [B] integers, context [B,tokens,width] -> [B,C,H,W]."""

    def __init__(self, c=UNetConfiguration()):
        super().__init__()
        self.model_channels = c.model_channels
        time_width = 4 * c.model_channels
        self.time_embed = nn.Sequential(
            nn.Linear(c.model_channels, time_width), nn.SiLU(), nn.Linear(time_width, time_width))
        self.time_embed_condtion = nn.Sequential(  # the reference's spelling
            nn.Conv1d(c.context_tokens, c.context_tokens // 2, 1),
            nn.Conv1d(c.context_tokens // 2, 1, 1),
            nn.Linear(c.context_width, time_width))

        def residual(inputs, outputs, factor):
            stage = Stage([ResBlock(inputs, outputs, time_width)])
            if factor in c.attention_factors:
                stage.append(SpatialTransformer(outputs, c.context_width))
            return stage

        channels, factor = c.model_channels, 1
        self.input_blocks = nn.ModuleList([Stage([InputConvolution(c.in_channels, channels, 3, padding=1)])])
        skips = [channels]
        for level, multiplier in enumerate(c.multipliers):
            for _ in range(c.residual_blocks):
                self.input_blocks.append(residual(channels, multiplier * c.model_channels, factor))
                channels = multiplier * c.model_channels
                skips.append(channels)
            if level + 1 < len(c.multipliers):
                self.input_blocks.append(Stage([Downsample(channels)]))
                skips.append(channels)
                factor *= 2
        self.middle_block = Stage([
            ResBlock(channels, channels, time_width),
            SpatialTransformer(channels, c.context_width),
            ResBlock(channels, channels, time_width)])
        self.output_blocks = nn.ModuleList()
        for level in reversed(range(len(c.multipliers))):
            for index in range(c.residual_blocks + 1):
                outputs = c.multipliers[level] * c.model_channels
                stage = residual(channels + skips.pop(), outputs, factor)
                channels = outputs
                if level > 0 and index == c.residual_blocks:
                    stage.append(Upsample(channels))
                    factor //= 2
                self.output_blocks.append(stage)
        self.out = nn.Sequential(
            nn.GroupNorm(32, channels, eps=1e-5), nn.SiLU(), nn.Conv2d(channels, c.out_channels, 3, padding=1))

    def forward(self, x, t, context):
        half = self.model_channels // 2
        frequencies = torch.exp(-math.log(10000.0) / half * torch.arange(half, dtype=torch.float32))
        angles = t.float()[:, None] * frequencies
        embedding = self.time_embed(torch.cat([angles.cos(), angles.sin()], dim=1))
        embedding = embedding + self.time_embed_condtion(context)[:, 0]
        h, skips = x, []
        for stage in self.input_blocks:
            h = stage(h, embedding, context)
            skips.append(h)
        h = self.middle_block(h, embedding, context)
        for stage in self.output_blocks:
            h = stage(torch.cat([h, skips.pop()], dim=1), embedding, context)
        return self.out(h)
