"""Phase 2: the masked autoencoders of patterns and of images, each reconstructing with the help of the other's features.
State-dict names as in the reference and in `facebook/vit-mae-base`."""

from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.nn import functional as F

from fmri import (FMRIConfiguration, MaskedAutoencoder, masked_error, masking, optimizer_of, restored, training_step,
                  visible)


@dataclass(frozen=True)
class ImageConfiguration:
    size: int = 224
    patch: int = 16
    width: int = 768
    depth: int = 12
    heads: int = 12
    hidden: int = 3072
    decoder_width: int = 512
    decoder_depth: int = 6
    decoder_heads: int = 16
    decoder_hidden: int = 2048
    cross_depth: int = 3
    mask_ratio: float = 0.5
    epsilon: float = 1e-12

    @property
    def patches(self):
        return (self.size // self.patch) ** 2


class Projections(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))


class Dense(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.dense = nn.Linear(inputs, outputs)

    def forward(self, x):
        return self.dense(x)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention = Projections(width)
        self.output = Dense(width, width)

    def forward(self, x, context):
        def split(y):
            return y.view(len(y), -1, self.heads, y.shape[2] // self.heads).transpose(1, 2)
        of = self.attention
        heads = F.scaled_dot_product_attention(split(of.query(x)), split(of.key(context)), split(of.value(context)))
        return self.output(heads.transpose(1, 2).reshape(x.shape))


class Layer(nn.Module):
    """With a context, the attended values are the queries of a second attention in the same branch."""

    def __init__(self, width, heads, hidden, epsilon, attends=False):
        super().__init__()
        self.attention = Attention(width, heads)
        if attends:
            self.cross_attention = Attention(width, heads)
        self.intermediate, self.output = Dense(width, hidden), Dense(hidden, width)
        self.layernorm_before, self.layernorm_after = (nn.LayerNorm(width, eps=epsilon) for _ in range(2))

    def forward(self, x, context=None):
        y = self.layernorm_before(x)
        y = self.attention(y, y)
        if context is not None:
            y = self.cross_attention(self.layernorm_before(y), context)
        x = x + y
        return x + self.output(F.gelu(self.intermediate(self.layernorm_after(x))))


class CrossMaskedAutoencoder(MaskedAutoencoder):
    """Of patterns, with blocks that attend to image features behind the encoder's own."""

    def __init__(self, c, image):
        super().__init__(c)
        self.cross_blocks = nn.ModuleList(
            Layer(image.width, image.heads, image.hidden, image.epsilon, attends=True)
            for _ in range(image.cross_depth))
        self.cross_map_in, self.cross_map_out = nn.Linear(c.width, image.width), nn.Linear(image.width, c.width)

    def attend(self, latent, context):
        entered = self.cross_map_in(latent)
        y = entered
        for block in self.cross_blocks:
            y = block(y, context)
        return self.cross_map_out(entered + y)


class PatchEmbedding(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.projection = nn.Conv2d(3, width, patch, stride=patch)


class Embeddings(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, c.width))
        self.position_embeddings = nn.Parameter(torch.zeros(1, c.patches + 1, c.width))
        self.patch_embeddings = PatchEmbedding(c.patch, c.width)

    def forward(self, image, kept):
        x = self.patch_embeddings.projection(image).flatten(2).transpose(1, 2)
        positions = self.position_embeddings
        return visible(x + positions[:, 1:], self.cls_token + positions[:, :1], kept)


class ImageLayers(nn.Module):
    def __init__(self, c, context_width):
        super().__init__()
        def layers(count, attends):
            return nn.ModuleList(Layer(c.width, c.heads, c.hidden, c.epsilon, attends) for _ in range(count))
        self.layer, self.layer_cross = layers(c.depth, False), layers(c.cross_depth, True)
        self.cross_map_in = nn.Linear(context_width, c.width)


class ImageEncoder(nn.Module):
    def __init__(self, c, context_width):
        super().__init__()
        self.embeddings = Embeddings(c)
        self.encoder = ImageLayers(c, context_width)
        self.layernorm = nn.LayerNorm(c.width, eps=c.epsilon)

    def forward(self, image, kept, fmri_features=None):
        x = self.embeddings(image, kept)
        for layer in self.encoder.layer:
            x = layer(x)
        if fmri_features is not None:
            context = self.encoder.cross_map_in(fmri_features)
            for layer in self.encoder.layer_cross:
                x = layer(x, context)
        return self.layernorm(x)


class ImageDecoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.mask_token = nn.Parameter(torch.zeros(1, 1, c.decoder_width))
        self.decoder_pos_embed = nn.Parameter(torch.zeros(1, c.patches + 1, c.decoder_width))
        self.decoder_embed = nn.Linear(c.width, c.decoder_width)
        self.decoder_layers = nn.ModuleList(
            Layer(c.decoder_width, c.decoder_heads, c.decoder_hidden, c.epsilon) for _ in range(c.decoder_depth))
        self.decoder_norm = nn.LayerNorm(c.decoder_width, eps=1e-5)
        self.decoder_pred = nn.Linear(c.decoder_width, c.patch ** 2 * 3)

    def forward(self, latent, restore):
        x = restored(self.decoder_embed(latent), self.mask_token, restore) + self.decoder_pos_embed
        for layer in self.decoder_layers:
            x = layer(x)
        return self.decoder_pred(self.decoder_norm(x))[:, 1:]


class ImageMaskedAutoencoder(nn.Module):
    def __init__(self, c, context_width):
        super().__init__()
        self.patch, self.kept = c.patch, int(c.patches * (1 - c.mask_ratio))
        self.vit = ImageEncoder(c, context_width)
        self.decoder = ImageDecoder(c)

    def target(self, image):
        """The pixels of every patch in the order (row, column, channel)."""
        batch, channels, height, width = image.shape
        p = self.patch
        x = image.view(batch, channels, height // p, p, width // p, p).permute(0, 2, 4, 3, 5, 1)
        return x.reshape(batch, -1, p * p * channels)


class CrossModalModel(nn.Module):
    """Both autoencoders, with the decoders of six blocks that phase 2 uses."""

    def __init__(self, image=ImageConfiguration()):
        super().__init__()
        fmri = replace(FMRIConfiguration(), decoder_depth=6)
        self.fmri = CrossMaskedAutoencoder(fmri, image)
        self.image = ImageMaskedAutoencoder(image, fmri.width)

    def forward(self, fmri, image, fmri_noise, image_noise):
        """The joint loss with the published weights."""
        def everything(noise):
            return torch.arange(noise.shape[1]).expand(noise.shape)
        support = self.image.vit(image, everything(image_noise))
        kept, restore, mask = masking(fmri_noise, self.fmri.kept)
        prediction = self.fmri.decode(self.fmri.attend(self.fmri.encode(fmri, kept), support), restore)
        fmri_loss = masked_error(prediction, fmri.view(prediction.shape), mask)
        support = self.fmri.norm(self.fmri.encode(fmri, everything(fmri_noise)))
        kept, restore, mask = masking(image_noise, self.image.kept)
        prediction = self.image.decoder(self.image.vit(image, kept, support), restore)
        return 0.25 * fmri_loss + 1.5 * masked_error(prediction, self.image.target(image), mask)


def phase_two_step(model):
    """Of the image network the cross-attention layers and the decoder are trained, but no position table."""
    trained = ("vit.encoder.cross_map_in.", "vit.encoder.layer_cross.", "decoder.")
    for name, parameter in model.image.named_parameters():
        parameter.requires_grad = name.startswith(trained) and not name.endswith("pos_embed")
    return training_step(model, [(part, optimizer_of(part, 5.3e-5), 0.8) for part in (model.fmri, model.image)])
