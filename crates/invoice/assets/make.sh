#!/bin/sh
# Makes the two typefaces of the PDF pages from Debian's Noto Sans:
#   apt-get install fonts-noto-core icc-profiles-free && pip install fonttools==4.68.0 && sh make.sh
#
# Latin (Western, Central and Northern Europe), Greek and Cyrillic, punctuation.
# No hinting and no layout features: printpdf places glyphs one after the other. Neither
# U+00A0 nor U+00AD: they would share their glyph with the space and the hyphen, and text copied
# out of a page would be full of them; `printable.rs` does without.
set -eu
cd "$(dirname "$0")"
characters="U+0020-007E,U+00A1-00AC,U+00AE-017F,U+0192,U+0218-021B,U+0259,U+02C6,U+02DA,U+02DC"
characters="$characters,U+0300-0304,U+0306-0308,U+030A-030C,U+0326-0328"
characters="$characters,U+0384-038A,U+038C,U+038E-03A1,U+03A3-03CE,U+0400-045F,U+0490-0491"
characters="$characters,U+1E80-1E85,U+1E9E,U+1EF2-1EF3,U+2013-2014,U+2018-201E,U+2020-2022"
characters="$characters,U+2026,U+202F,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+2116,U+2122"
characters="$characters,U+2212,U+2215,U+2248,U+2260,U+2264-2265,U+FFFD"
for weight in Regular Bold; do
    pyftsubset "/usr/share/fonts/truetype/noto/NotoSans-$weight.ttf" \
        --unicodes="$characters" --output-file="NotoSans-$weight.ttf" \
        --no-hinting --layout-features= --notdef-outline --no-glyph-names \
        --drop-tables+=GSUB,GPOS,GDEF,DSIG,STAT --name-IDs=0,1,2,3,4,5,6,13,14
done

cp /usr/share/color/icc/sRGB.icc .

# What the crate compiles in: the fonts and the colour profile as PDF embeds them (deflated), and what
# it must know of each glyph, so that no font is parsed and no compressor runs when a page is made.
# NAME.glyphs, big endian: x_min, y_min, x_max, y_max, ascent, descent as i16; then for each glyph its
# character as u32 (0: none) and its width as u16. `typeface.rs` checks both against the fonts.
python3 - <<'PYTHON'
import struct, zlib
from fontTools.ttLib import TTFont

for weight in ("Regular", "Bold"):
    name = f"NotoSans-{weight}"
    font = TTFont(f"{name}.ttf")
    head, hhea = font["head"], font["hhea"]
    assert head.unitsPerEm == 1000
    characters = {font.getGlyphID(glyph): c for c, glyph in font.getBestCmap().items()}
    table = struct.pack(">6h", head.xMin, head.yMin, head.xMax, head.yMax, hhea.ascent, hhea.descent)
    for glyph, name_of in enumerate(font.getGlyphOrder()):
        table += struct.pack(">IH", characters.get(glyph, 0), font["hmtx"][name_of][0])
    open(f"{name}.glyphs", "wb").write(table)
for name in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "sRGB.icc"):
    data = open(name, "rb").read()
    open(f"{name}.zlib", "wb").write(zlib.compress(data, 9))
PYTHON
