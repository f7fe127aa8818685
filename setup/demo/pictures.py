"""The club's logo and product pictures, drawn so that the repository holds none."""

import base64
import io
import math

from PIL import Image, ImageDraw

SIZE = 256
GREEN = (31, 111, 84, 255)
LEAF = (126, 200, 146, 255)
WHITE = (255, 255, 255, 255)


def draw_logo():
    """Return a lime leaf on a green disc as base64 encoded PNG bytes."""
    image = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((8, 8, SIZE - 8, SIZE - 8), fill=GREEN)
    leaf = [(128, 36), (186, 84), (196, 140), (128, 206), (60, 140), (70, 84)]
    draw.polygon(leaf, fill=LEAF)
    draw.ellipse((62, 74, 132, 160), fill=LEAF)
    draw.ellipse((124, 74, 194, 160), fill=LEAF)
    draw.line([(128, 60), (128, 232)], fill=WHITE, width=8)
    for offset in (0, 34, 68):
        draw.line([(128, 112 + offset), (92, 84 + offset)], fill=WHITE, width=5)
        draw.line([(128, 112 + offset), (164, 84 + offset)], fill=WHITE, width=5)
    return _encode(image)


def draw_product(kind):
    """Return the picture of a plan as base64 encoded PNG bytes.

    :param str kind: ``ball``, ``star`` or ``heart``
    """
    background, shape = COLOURS[kind]
    image = Image.new("RGB", (2 * SIZE, 2 * SIZE), background)
    SHAPES[kind](ImageDraw.Draw(image), shape)
    return _encode(image)


def _draw_ball(draw, colour):
    draw.ellipse((116, 116, 396, 396), fill=colour)
    draw.arc((-84, 116, 196, 396), -44, 44, fill="white", width=10)
    draw.arc((316, 116, 596, 396), 136, 224, fill="white", width=10)
    draw.line([(256, 116), (256, 396)], fill="white", width=10)
    draw.line([(116, 256), (396, 256)], fill="white", width=10)


def _draw_star(draw, colour):
    points = []
    for corner in range(10):
        radius = 160 if corner % 2 == 0 else 66
        angle = math.radians(36 * corner - 90)
        points.append((256 + radius * math.cos(angle), 266 + radius * math.sin(angle)))
    draw.polygon(points, fill=colour)


def _draw_heart(draw, colour):
    draw.ellipse((116, 140, 264, 288), fill=colour)
    draw.ellipse((248, 140, 396, 288), fill=colour)
    draw.polygon([(128, 250), (384, 250), (256, 400)], fill=colour)


def _encode(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue())


COLOURS = {
    "ball": ("#E7F3EE", "#1F6F54"),
    "star": ("#FFF4DC", "#E09F1F"),
    "heart": ("#FBE9EA", "#C8414B"),
}
SHAPES = {"ball": _draw_ball, "star": _draw_star, "heart": _draw_heart}
