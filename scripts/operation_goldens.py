#!/usr/bin/env python3
"""Prints the goldens of crates/bench-loaders/src/images/operations.rs: what Pillow (13.0.0) makes of two pictures.

    python3 -m pip install pillow==13.0.0 && python3 scripts/operation_goldens.py
"""
import hashlib

from PIL import Image, ImageEnhance, ImageOps

GREY = (128, 128, 128)


def picture(width, height):
    image = Image.new("RGB", (width, height))
    for k in range(width * height):
        levels = tuple((k * step + start) % 211 + 20 for step, start in ((37, 11), (91, 200), (151, 5)))
        image.putpixel((k % width, k // width), levels)
    return image


def moved(image, right, down):
    return image.transform(image.size, Image.Transform.AFFINE, (1, 0, right, 0, 1, down), fillcolor=GREY)


def sheared(image, x, y):
    return image.transform(image.size, Image.Transform.AFFINE, (1, x, 0, y, 1, 0), Image.Resampling.BICUBIC, fillcolor=GREY)


def rotated(image, degrees):
    turned = image.convert("RGBA").rotate(degrees)
    return Image.composite(turned, Image.new("RGBA", turned.size, (128,) * 4), turned).convert("RGB")


OPERATIONS = {
    "ShearX": lambda image, share: sheared(image, share, 0),
    "ShearY": lambda image, share: sheared(image, 0, share),
    "TranslateX": lambda image, share: moved(image, share * image.size[0], 0),
    "TranslateY": lambda image, share: moved(image, 0, share * image.size[1]),
    "Rotate": rotated,
    "Colour": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "Contrast": lambda image, factor: ImageEnhance.Contrast(image).enhance(factor),
    "Brightness": lambda image, factor: ImageEnhance.Brightness(image).enhance(factor),
    "Sharpness": lambda image, factor: ImageEnhance.Sharpness(image).enhance(factor),
    "Posterize": ImageOps.posterize,
    "Solarize": ImageOps.solarize,
    "AutoContrast": lambda image, _: ImageOps.autocontrast(image),
    "Equalize": lambda image, _: ImageOps.equalize(image),
    "Invert": lambda image, _: ImageOps.invert(image),
}

SIZES = {
    "ShearX": (-0.3, 0.1, 0.25),
    "ShearY": (-0.27, 0.2),
    "TranslateX": (-0.45, 0.3),
    "TranslateY": (-0.2, 0.4),
    "Rotate": (6.7, 10.0, 26.7, 30.0),
    "Colour": (0.2, 1.7),
    "Contrast": (0.2, 1.8),
    "Brightness": (0.3, 1.6),
    "Sharpness": (0.3, 1.7),
    "Posterize": (4, 6, 8),
    "Solarize": (0.0, 85.3, 256.0),
    "AutoContrast": (None,),
    "Equalize": (None,),
    "Invert": (None,),
}

for name, operation in OPERATIONS.items():
    for size in SIZES[name]:
        pixels = b"".join(operation(picture(*shape), size).tobytes() for shape in ((32, 32), (17, 23)))
        call = f"Operation::{name}" + ("" if size is None else f"({size})")
        print(f'        ({call}, "{hashlib.sha256(pixels).hexdigest()[:16]}"),')
