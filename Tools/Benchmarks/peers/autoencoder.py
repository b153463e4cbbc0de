"""The VQ-f4 autoencoder, state-dict names as in the reference."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class AutoencoderConfiguration:
    channels: int = 128
    multipliers: tuple = (1, 2, 4)
    residual_blocks: int = 2
    image_channels: int = 3
    latent_channels: int = 3
    codes: int = 8192


def norm(channels):
    return nn.GroupNorm(32, channels, eps=1e-6)


class ResnetBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norm1, self.conv1 = norm(inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2, self.conv2 = norm(outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        if inputs != outputs:
            self.nin_shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class AttentionBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = norm(channels)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        q, k, v = (projection(h).flatten(2).transpose(1, 2)[:, None] for projection in (self.q, self.k, self.v))
        h = F.scaled_dot_product_attention(q, k, v)[:, 0]
        return x + self.proj_out(h.transpose(1, 2).reshape(x.shape))


class Middle(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.block_1 = ResnetBlock(channels, channels)
        self.attn_1 = AttentionBlock(channels)
        self.block_2 = ResnetBlock(channels, channels)

    def forward(self, x):
        return self.block_2(self.attn_1(self.block_1(x)))


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    def __init__(self, inputs, outputs, blocks):
        super().__init__()
        self.block = nn.ModuleList(ResnetBlock(inputs if i == 0 else outputs, outputs) for i in range(blocks))

    def forward(self, x):
        for block in self.block:
            x = block(x)
        return x


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        widths = [m * c.channels for m in c.multipliers]
        self.conv_in = nn.Conv2d(c.image_channels, c.channels, 3, padding=1)
        self.down = nn.ModuleList()
        for index, (inputs, outputs) in enumerate(zip([c.channels] + widths, widths)):
            level = Level(inputs, outputs, c.residual_blocks)
            if index + 1 < len(widths):
                level.downsample = Downsample(outputs)
            self.down.append(level)
        self.mid = Middle(widths[-1])
        self.norm_out = norm(widths[-1])
        self.conv_out = nn.Conv2d(widths[-1], c.latent_channels, 3, padding=1)

    def forward(self, x):
        h = self.conv_in(x)
        for level in self.down:
            h = level(h)
            if hasattr(level, "downsample"):
                h = level.downsample(h)
        return self.conv_out(F.silu(self.norm_out(self.mid(h))))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        widths = [m * c.channels for m in c.multipliers]
        self.conv_in = nn.Conv2d(c.latent_channels, widths[-1], 3, padding=1)
        self.mid = Middle(widths[-1])
        self.up = nn.ModuleList()  # stored finest first, run coarsest first
        for index, (inputs, outputs) in enumerate(zip(widths[1:] + widths[-1:], widths)):
            level = Level(inputs, outputs, c.residual_blocks + 1)
            if index > 0:
                level.upsample = Upsample(outputs)
            self.up.append(level)
        self.norm_out = norm(widths[0])
        self.conv_out = nn.Conv2d(widths[0], c.image_channels, 3, padding=1)

    def forward(self, z):
        h = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            h = level(h)
            if hasattr(level, "upsample"):
                h = level.upsample(h)
        return self.conv_out(F.silu(self.norm_out(h)))


class Quantizer(nn.Module):
    def __init__(self, codes, width):
        super().__init__()
        self.embedding = nn.Embedding(codes, width)

    def forward(self, z):
        points = z.permute(0, 2, 3, 1)
        flat, table = points.reshape(-1, points.shape[-1]), self.embedding.weight
        distances = (flat**2).sum(1, keepdim=True) + (table**2).sum(1) - 2 * flat @ table.T
        return self.embedding(distances.argmin(1)).view(points.shape).permute(0, 3, 1, 2)


class Autoencoder(nn.Module):
    """Latents [B,3,H/4,W/4] <-> images [B,3,H,W]. `forward` decodes without quantisation, so that codes which are
    equally near do not disturb a comparison."""

    def __init__(self, c=AutoencoderConfiguration()):
        super().__init__()
        self.encoder = Encoder(c)
        self.decoder = Decoder(c)
        self.quantize = Quantizer(c.codes, c.latent_channels)
        self.quant_conv = nn.Conv2d(c.latent_channels, c.latent_channels, 1)
        self.post_quant_conv = nn.Conv2d(c.latent_channels, c.latent_channels, 1)

    def encode(self, image):
        return self.quant_conv(self.encoder(image))

    def decode(self, z):
        return self(self.quantize(z))

    def forward(self, z):
        return self.decoder(self.post_quant_conv(z))
