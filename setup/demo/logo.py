"""The club's logo, drawn so that the repository needs no picture of it."""

import base64
import io

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
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue())
