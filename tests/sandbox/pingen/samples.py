"""Small letters as PDF, good and bad in known ways, for scenes and tests.

Written by hand (a PDF of one text font needs thirty lines), so that the sandbox
needs no library to make them.
"""

from .layout import A4_HEIGHT, A4_WIDTH, POINTS_PER_MM

GOOD_ADDRESS = ("J. Jansen", "Dorpsstraat 12", "3511 AB Utrecht")
FONT = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
)
A4 = (A4_WIDTH, A4_HEIGHT)


def letter(address=GOOD_ADDRESS, pages=1, size=A4, texts=(), x=26.0, y=66.0):
    """A letter as PDF.

    :param address: lines of the address, first one at ``x``, ``y`` mm from top left
    :param int pages: how many pages
    :param tuple size: width and height in mm
    :param texts: more texts on page 1, each ``(x mm, y mm, words)``
    :rtype: bytes
    """
    placed = [(x, y + 5 * row, line) for row, line in enumerate(address)]
    first = [*placed, (26, 110, "Dear member, this is page 1."), *texts]
    contents = [_content(first, size[1])]
    contents += [
        _content([(26, 30, f"Page {number}")], size[1])
        for number in range(2, pages + 1)
    ]
    return _document(contents, size)


def _content(texts, height):
    parts = []
    for left, top, words in texts:
        escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        parts.append(
            f"BT /F1 10 Tf {left * POINTS_PER_MM:.2f} "
            f"{(height - top) * POINTS_PER_MM:.2f} Td ({escaped}) Tj ET"
        )
    return "\n".join(parts).encode("cp1252")


def _document(contents, size):
    width, height = (value * POINTS_PER_MM for value in size)
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(contents)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(contents)} /Kids [{kids}] >>".encode(),
        FONT,
    ]
    for index, content in enumerate(contents):
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2f} {height:.2f}]"
            f" /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {5 + 2 * index} 0 R >>".encode()
        )
        bodies.append(
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
        )
    return _assemble(bodies)


def _assemble(bodies):
    result, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(result))
        result += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(result)
    result += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    result += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return result + (
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(bodies) + 1, start)
    )
