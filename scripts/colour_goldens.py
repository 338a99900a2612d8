#!/usr/bin/env python3
"""Prints the goldens of crates/bench-loaders/src/images/colour.rs: what Pillow (13.0.0) makes of eight colours.

    python3 -m pip install pillow==13.0.0 && python3 scripts/colour_goldens.py
"""
from PIL import Image, ImageEnhance


def picture():
    image = Image.new("RGB", (4, 2))
    for k in range(8):
        image.putpixel((k % 4, k // 4), ((k * 37 + 11) % 256, (k * 91 + 200) % 256, (k * 151 + 5) % 256))
    return image


def turned(image, share):
    # torchvision.transforms.functional.adjust_hue on a Pillow image.
    hue, saturation, value = image.convert("HSV").split()
    hue = hue.point([(level + int(share * 255)) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


CHANGES = {
    "brighten": lambda image, factor: ImageEnhance.Brightness(image).enhance(factor),
    "contrast": lambda image, factor: ImageEnhance.Contrast(image).enhance(factor),
    "saturate": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "turn": turned,
}

for name, factors in [("brighten", (0.63, 1.37)), ("contrast", (0.71, 1.29)), ("saturate", (0.66, 1.4)), ("turn", (-0.17, 0.2))]:
    for factor in factors:
        values = ", ".join(str(value) for value in CHANGES[name](picture(), factor).tobytes())
        print(f"        ({name}, {factor}, [{values}]),")
