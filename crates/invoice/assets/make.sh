#!/bin/sh
# Makes the two typefaces of the PDF pages from Debian's Noto Sans:
#   apt-get install fonts-noto-core icc-profiles-free && pip install fonttools==4.68.0 && sh make.sh
# FONTS and ICC name other places of them.
#
# All of Latin, Greek (with Coptic) and Cyrillic, punctuation, currency signs, letterlike symbols and number forms
# from Noto Sans; arrows, mathematical operators and the signs that stand in names of products (⌀, ★, ✓, ♥) from
# its sisters for mathematics and symbols, which have one weight.
# No hinting and no layout features: a page places glyphs one after the other. Neither U+00A0 nor U+00AD: they
# would share their glyph with the space and the hyphen, and text copied out of a page would be full of them;
# `printable.rs` does without. The same for every other pair of characters that a font draws with one glyph: each
# has a glyph of its own here.
set -eu
cd "$(dirname "$0")"
export FONTS="${FONTS:-/usr/share/fonts/truetype/noto}"
cp "${ICC:-/usr/share/color/icc}/sRGB.icc" .

# What the crate compiles in: the fonts as they are, of which a page embeds the glyphs that it draws; the colour
# profile as PDF embeds it (deflated); and what must be known of each glyph, so that no font is parsed.
# NAME.glyphs, big endian: x_min, y_min, x_max, y_max, ascent, descent as i16; then for each glyph its character as
# u32 (0: none) and its width as u16. `typeface.rs` checks both against the fonts.
python3 - <<'PYTHON'
import copy, os, struct, zlib
from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

FONTS = os.environ["FONTS"]
BLOCKS = [
    (0x0020, 0x007E), (0x00A1, 0x00AC), (0x00AE, 0x024F),  # Latin
    (0x0250, 0x02AF), (0x02B0, 0x02FF), (0x0300, 0x036F),  # letters of Africa, and marks that modify
    (0x0370, 0x03FF), (0x0400, 0x052F),  # Greek, Cyrillic
    (0x1C80, 0x1C8F), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF),  # Cyrillic C, Latin Additional, Greek Extended
    (0x2010, 0x2027), (0x202F, 0x205E), (0x2070, 0x209F), (0x20A0, 0x20CF),  # punctuation, small figures, money
    (0x2100, 0x218F),  # letterlike symbols, number forms
    (0x2190, 0x21FF), (0x2200, 0x22FF),  # arrows, mathematics
    (0x2300, 0x2300), (0x2318, 0x2318), (0x231A, 0x231B), (0x23F0, 0x23F3),
    (0x25A0, 0x25FF), (0x2600, 0x2606), (0x260E, 0x2612), (0x2615, 0x2615), (0x2639, 0x263B), (0x2640, 0x2642),
    (0x2660, 0x266F), (0x2670, 0x267F), (0x2690, 0x2696), (0x26A0, 0x26A1), (0x2700, 0x27BF),
    (0x2C60, 0x2C7F), (0x2DE0, 0x2DFF), (0x2E00, 0x2E4F),  # Latin C, Cyrillic A, punctuation
    (0xA640, 0xA69F), (0xA720, 0xA7FF), (0xAB30, 0xAB6F),  # Cyrillic B, Latin D and E
    (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
]
WANTED = {character for first, last in BLOCKS for character in range(first, last + 1)}
DONORS = {
    "Regular": ["Math-Regular", "Symbols-Regular", "Symbols2-Regular", "Coptic-Regular"],
    "Bold": ["Math-Regular", "Symbols-Bold", "Symbols-Regular", "Symbols2-Regular", "Coptic-Regular"],
}


def open_font(name):
    font = TTFont(f"{FONTS}/NotoSans{name}.ttf")
    assert font["head"].unitsPerEm == 1000
    return font


def reduced(weight):
    font = open_font(f"-{weight}")
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG", "STAT"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=WANTED)
    subsetter.subset(font)
    return font


def draw(font, name):
    pen = TTGlyphPen(None)
    recording = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(recording)
    recording.replay(pen)
    return pen.glyph()


def add(font, name, glyph, metrics, character):
    font.setGlyphOrder(font.getGlyphOrder() + [name])
    font["glyf"].glyphs[name] = glyph
    font["glyf"].glyphOrder = font.getGlyphOrder()
    font["hmtx"].metrics[name] = metrics
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[character] = name


def merge(font, donors):
    for donor in donors:
        donor = open_font(donor)
        theirs = donor.getBestCmap()
        for character in sorted(WANTED - set(font.getBestCmap())):
            if character in theirs:
                name = theirs[character]
                advance = donor["hmtx"][name][0]
                glyph = draw(donor, name)
                glyph.recalcBounds(font["glyf"])
                bearing = getattr(glyph, "xMin", 0)
                add(font, f"added{character:04X}", glyph, (advance, bearing), character)


# Characters that share a glyph: all but the first have a copy.
def part(font):
    known = {}
    for character, name in sorted(font.getBestCmap().items()):
        if name in known:
            glyph = draw(font, name)
            glyph.recalcBounds(font["glyf"])
            add(font, f"own{character:04X}", glyph, font["hmtx"][name], character)
        known.setdefault(name, character)


fonts = {weight: reduced(weight) for weight in DONORS}
for weight, font in fonts.items():
    merge(font, DONORS[weight])
    part(font)
both = set.intersection(*(set(font.getBestCmap()) for font in fonts.values()))
for weight, font in fonts.items():
    assert set(font.getBestCmap()) == both, weight
    font["post"].formatType = 3.0
    font["maxp"].recalc(font)
    font["hhea"].recalc(font)
    font.recalcTimestamp = False
    name = f"NotoSans-{weight}"
    font.save(f"{name}.ttf")
    font = TTFont(f"{name}.ttf")
    head, hhea = font["head"], font["hhea"]
    characters = {font.getGlyphID(glyph): c for c, glyph in font.getBestCmap().items()}
    assert len(characters) == len(font.getBestCmap())
    table = struct.pack(">6h", head.xMin, head.yMin, head.xMax, head.yMax, hhea.ascent, hhea.descent)
    for glyph, name_of in enumerate(font.getGlyphOrder()):
        table += struct.pack(">IH", characters.get(glyph, 0), font["hmtx"][name_of][0])
    open(f"{name}.glyphs", "wb").write(table)
open("sRGB.icc.zlib", "wb").write(zlib.compress(open("sRGB.icc", "rb").read(), 9))
missing = [c for c in sorted(WANTED) if c not in both]
print(len(both), "characters; missing:", " ".join(f"{c:04X}" for c in missing))
PYTHON
