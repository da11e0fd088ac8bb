"""Small drawings for the sample notices, made of circles and rectangles.

Each drawing takes its colours and its details from the random numbers it is given, so
one seed always gives the same picture.
"""

from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 800, 600
SKIES = ("#cfe3ea", "#f4dfc0", "#e7d9ea", "#d7e6cf", "#f2d3c6")
GROUND = ("#4f7a5b", "#6b8f5e", "#7a6f52", "#3f6e6b")
BRIGHT = ("#c8553d", "#e0a030", "#2f6f8f", "#7d5ba6", "#3d8b62", "#d9805f")
DARK = "#2b2a33"
LIGHT = "#fbf6ea"

ALT_TEXTS = {
    "bicycle": "Drawing of a bicycle, seen from the side.",
    "boat": "Drawing of a boat with one sail on calm water.",
    "books": "Drawing of a shelf with coloured books.",
    "bunting": "Drawing of two strings of coloured flags.",
    "cat": "Drawing of a sitting cat's head with large eyes.",
    "houses": "Drawing of a row of narrow houses under the sun.",
    "plant": "Drawing of a leafy plant in a pot.",
    "trees": "Drawing of round trees on a meadow.",
}


def draw(motif: str, rng) -> bytes:
    """Return a JPEG of the motif, one of ALT_TEXTS."""
    image = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(SKIES))
    MOTIFS[motif](ImageDraw.Draw(image), rng)
    file = BytesIO()
    # Half the size: smooth edges.
    image.resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.LANCZOS).save(
        file, "JPEG", quality=85
    )
    return file.getvalue()


def circle(pen, x, y, radius, **colours):
    """Draw a circle around x, y."""
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), **colours)


def sun(pen, rng):
    """Draw a sun somewhere at the top."""
    circle(pen, rng.randint(120, 680), rng.randint(90, 150), 55, fill="#f6c64f")


def ground(pen, rng, top):
    """Draw the ground, from `top` down."""
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=rng.choice(GROUND))


def bicycle(pen, rng):
    """Draw a bicycle."""
    ground(pen, rng, 500)
    colour = rng.choice(BRIGHT)
    back, front, pedals, seat, bars = (
        *((250, 390), (560, 390), (385, 395)),
        *((340, 225), (525, 215)),
    )
    for x, y in (back, front):
        circle(pen, x, y, 112, outline=DARK, width=14)
        circle(pen, x, y, 14, fill=DARK)
    for line in (
        *((back, pedals), (pedals, (530, 255)), ((345, 255), (530, 255))),
        *((back, (348, 270)), (pedals, seat), (front, bars)),
    ):
        pen.line(line, fill=colour, width=16)
    circle(pen, *pedals, 26, fill=DARK)
    pen.rounded_rectangle((295, 205, 390, 230), 12, fill=DARK)
    pen.line((bars, (470, 195)), fill=DARK, width=16)


def boat(pen, rng):
    """Draw a boat."""
    sun(pen, rng)
    pen.rectangle((0, 400, WIDTH, HEIGHT), fill="#2f6f8f")
    x = rng.randint(330, 470)
    pen.line((x, 120, x, 390), fill=DARK, width=12)
    pen.polygon(((x + 14, 130), (x + 14, 350), (x + 170, 350)), fill=LIGHT)
    pen.polygon(((x - 14, 180), (x - 14, 350), (x - 110, 350)), fill=rng.choice(BRIGHT))
    hull = ((x - 190, 380), (x + 200, 380), (x + 130, 460), (x - 130, 460))
    pen.polygon(hull, fill=rng.choice(BRIGHT))
    for _ in range(9):
        left, top = rng.randint(20, 700), rng.randint(480, 580)
        pen.line((left, top, left + 70, top), fill="#8fbccf", width=6)


def books(pen, rng):
    """Draw a shelf of books."""
    for shelf in (290, 560):
        x = 40
        while x < 720:
            width, height = rng.randint(34, 74), rng.randint(150, 230)
            book = (x, shelf - height, x + width, shelf)
            pen.rectangle(book, fill=rng.choice((*BRIGHT, *GROUND)))
            stripe = (x, shelf - height + 30, x + width, shelf - height + 44)
            pen.rectangle(stripe, fill=LIGHT)
            x += width + 6
        pen.rectangle((0, shelf, WIDTH, shelf + 22), fill="#7a5a3a")


def bunting(pen, rng):
    """Draw two strings of flags."""
    ground(pen, rng, 520)
    for top in (120, 300):
        dip = rng.randint(50, 90)
        flags = 9
        points = [
            (i * WIDTH / flags, top + dip * (1 - (2 * i / flags - 1) ** 2))
            for i in range(flags + 1)
        ]
        pen.line(points, fill=DARK, width=6)
        for i, (left, right) in enumerate(pairwise(points)):
            tip = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2 + 110)
            inner = ((left[0] + 8, left[1]), (right[0] - 8, right[1]), tip)
            pen.polygon(inner, fill=BRIGHT[(i + top) % len(BRIGHT)])


def cat(pen, rng):
    """Draw a cat."""
    fur = rng.choice(("#6f7480", "#8a6a4f", "#4b4a55", "#b98b5e"))
    pen.polygon(((245, 270), (255, 90), (400, 200)), fill=fur)
    pen.polygon(((555, 270), (545, 90), (400, 200)), fill=fur)
    pen.ellipse((225, 150, 575, 470), fill=fur)
    for x in (325, 475):
        pen.ellipse((x - 38, 255, x + 38, 325), fill="#e9d36b")
        pen.ellipse((x - 12, 258, x + 12, 322), fill=DARK)
    pen.polygon(((378, 350), (422, 350), (400, 378)), fill="#e8a0a0")
    for y in (365, 385):
        pen.line((300, y, 150, y - 20 + (y - 365) * 2), fill=LIGHT, width=5)
        pen.line((500, y, 650, y - 20 + (y - 365) * 2), fill=LIGHT, width=5)
    pen.rectangle((0, 440, WIDTH, HEIGHT), fill=rng.choice(BRIGHT))


def houses(pen, rng):
    """Draw a row of houses."""
    sun(pen, rng)
    x = 0
    while x < WIDTH:
        width, top = rng.randint(110, 160), rng.randint(230, 330)
        roof = ((x, top), (x + width, top), (x + width / 2, top - 80))
        pen.rectangle((x, top, x + width, 540), fill=rng.choice(BRIGHT))
        pen.polygon(roof, fill=DARK)
        for row in range(top + 30, 440, 80):
            for left in (x + width * 0.2, x + width * 0.6):
                pen.rectangle((left, row, left + width * 0.22, row + 46), fill=LIGHT)
        pen.rectangle((x + width * 0.4, 470, x + width * 0.62, 540), fill=DARK)
        x += width
    ground(pen, rng, 540)


def plant(pen, rng):
    """Draw a plant in a pot."""
    pen.rectangle((0, 500, WIDTH, HEIGHT), fill="#b08d63")
    pen.line((400, 400, 400, 160), fill="#3f6e4b", width=12)
    for y in range(170, 390, 44):
        size = rng.randint(90, 150)
        green = rng.choice(("#4f8a5b", "#6ba35e", "#3d7a52"))
        pen.ellipse((400 - size, y - 28, 400, y + 28), fill=green)
        pen.ellipse((400, y - 10, 400 + size, y + 46), fill=green)
    circle(pen, 400, 145, 40, fill=rng.choice(BRIGHT))
    pot = ((300, 400), (500, 400), (465, 540), (335, 540))
    pen.polygon(pot, fill="#b8573a")
    pen.rectangle((285, 385, 515, 425), fill="#c8694a")


def trees(pen, rng):
    """Draw trees."""
    sun(pen, rng)
    ground(pen, rng, 430)
    for x in range(90, 800, 155):
        base, crown = rng.randint(440, 520), rng.randint(62, 92)
        pen.rectangle((x - 10, base - 160, x + 10, base), fill="#5b4632")
        green = rng.choice(("#3d6b4a", "#55854f", "#7a9a4d", "#c08a3e"))
        circle(pen, x, base - 190, crown, fill=green)


MOTIFS = {
    drawing.__name__: drawing
    for drawing in (bicycle, boat, books, bunting, cat, houses, plant, trees)
}
