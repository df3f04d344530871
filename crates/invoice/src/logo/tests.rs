//! Image files that are made up, and what becomes of them.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::*;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const GREY: u8 = 0;
const RGB: u8 = 2;

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let mut sum = Crc::new();
    sum.update(name);
    sum.update(data);
    [&length, &name[..], data, &sum.sum().to_be_bytes()].concat()
}

fn header(colour: u8, interlace: u8) -> Vec<u8> {
    let header = [0, 0, 0, 40, 0, 0, 0, 20, 8, colour, 0, 0, interlace];
    chunk(b"IHDR", &header)
}

fn png_of(chunks: &[&[u8]]) -> Vec<u8> {
    [SIGNATURE, &chunks.concat()].concat()
}

/// A picture of 40 by 20 in colours that have so many samples.
fn png_with(colour: u8, data: &[u8]) -> Vec<u8> {
    let (begin, end) = data.split_at(data.len() / 2);
    png_of(&[
        &header(colour, 0),
        &chunk(b"gAMA", &[0, 0, 177, 143]),
        &chunk(b"IDAT", begin),
        &chunk(b"IDAT", end),
        &chunk(b"IEND", &[]),
    ])
}

/// Twenty rows, each with another filter.
fn rows(samples: usize) -> Vec<u8> {
    let row = |filter: u8| [vec![filter % 5], vec![filter; 40 * samples]].concat();
    (0..20).flat_map(row).collect()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn damaged(file: &[u8]) -> bool {
    Logo::inspect(file) == Err(UnusableLogo::Damaged)
}

#[test]
fn a_png_is_embedded_as_it_is_and_keeps_its_proportions() {
    let data = zlib(&rows(3));
    let logo = Logo::inspect(&png_with(RGB, &data)).unwrap();
    let image = &logo.image;
    assert_eq!((image.width, image.height, image.samples), (40, 20, 3));
    assert_eq!(image.data, data);
    assert_eq!(logo.fit((100, 100)), (100, 50));
    assert_eq!(logo.fit((100, 10)), (20, 10));
    let grey = Logo::inspect(&png_with(GREY, &zlib(&rows(1)))).unwrap();
    assert_eq!(grey.image.samples, 1);
    let sample = include_bytes!("../../examples/samples/logo.png");
    assert_eq!(Logo::inspect(sample), Logo::new(sample));
}

#[test]
fn a_png_that_is_no_zlib_stream_is_damaged() {
    assert!(damaged(&png_with(RGB, b"no zlib stream")));
    assert!(damaged(&png_with(RGB, &[])));
    let mut data = zlib(&rows(3));
    *data.last_mut().unwrap() ^= 1;
    assert!(damaged(&png_with(RGB, &data)));
    data.pop();
    assert!(damaged(&png_with(RGB, &data)));
}

#[test]
fn a_png_has_as_many_rows_as_it_says() {
    let rows = rows(3);
    let one_less = zlib(&rows[..rows.len() - 1]);
    let one_more = zlib(&[&rows[..], &[0]].concat());
    let bomb = zlib(&vec![0; 5_000_000]);
    for data in [&zlib(&[]), &one_less, &one_more, &bomb] {
        assert!(damaged(&png_with(RGB, data)));
    }
    // Another stream behind, and rows of the other kind.
    assert!(damaged(&png_with(RGB, &zlib(&rows).repeat(2))));
    assert!(damaged(&png_with(GREY, &zlib(&rows))));
}

#[test]
fn a_png_has_filters_that_there_are() {
    let mut rows = rows(3);
    rows[121 * 19] = 5;
    assert!(damaged(&png_with(RGB, &zlib(&rows))));
}

#[test]
fn a_png_has_the_sums_of_its_chunks() {
    let good = png_with(RGB, &zlib(&rows(3)));
    assert!(Logo::inspect(&good).is_ok());
    // Of IHDR, gAMA and IEND.
    for at in [8 + 24, 8 + 25 + 15, good.len() - 1] {
        let mut file = good.clone();
        file[at] ^= 1;
        assert!(damaged(&file), "{at}");
    }
}

#[test]
fn nothing_follows_the_end_of_a_png_and_nothing_is_missing() {
    let good = png_with(RGB, &zlib(&rows(3)));
    assert!(damaged(&[&good[..], b"x"].concat()));
    assert!(damaged(&[&good[..], &chunk(b"IEND", &[])].concat()));
    for length in SIGNATURE.len()..good.len() {
        assert!(damaged(&good[..length]), "{length}");
    }
}

#[test]
fn chunks_of_a_png_have_their_order() {
    let (head, end, data) = (header(RGB, 0), chunk(b"IEND", &[]), zlib(&rows(3)));
    let (first, second) = data.split_at(9);
    let (first, second) = (chunk(b"IDAT", first), chunk(b"IDAT", second));
    let (colours, note) = (chunk(b"PLTE", &[0; 6]), chunk(b"tEXt", b"a\0b"));
    let good = png_of(&[&head, &note, &colours, &first, &second, &note, &end]);
    assert!(Logo::inspect(&good).is_ok());
    for chunks in [
        &[&note, &head, &first, &second, &end][..],
        &[&head, &head, &first, &second, &end],
        &[&head, &first, &note, &second, &end],
        &[&head, &first, &second, &colours, &end],
        &[&head, &colours, &colours, &first, &second, &end],
        &[&head, &chunk(b"PLTE", &[0; 5]), &first, &second, &end],
        &[&head, &chunk(b"NEW!", &[]), &first, &second, &end],
        &[&head, &chunk(b"NEWs", &[]), &first, &second, &end],
        &[&head, &first, &second, &chunk(b"IEND", &[0])],
        &[&head, &end],
    ] {
        let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.as_slice()).collect();
        assert!(damaged(&png_of(&chunks)), "{chunks:?}");
    }
}

/// Squares of eight by eight: five by three, of one sample each.
fn jpeg_of(scans: &[&[u8]]) -> Vec<u8> {
    let head = [
        &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2][..],
        &[0xff, 0xdb, 0, 4, 1, 2, 0xff, 0xc4, 0, 4, 1, 2],
        &[0xff, 0xc0, 0, 11, 8, 0, 20, 0, 40, 1, 1, 0x11, 0],
    ]
    .concat();
    let scan = |data: &&[u8]| [&[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0][..], data].concat();
    let scans: Vec<u8> = scans.iter().flat_map(scan).collect();
    [&head[..], &scans, &[0xff, 0xd9]].concat()
}

#[test]
fn a_jpeg_is_known_by_its_frame() {
    let logo = Logo::inspect(&jpeg_of(&[&[1, 0xff, 0, 0xff, 0xd0, 2]])).unwrap();
    let image = &logo.image;
    assert_eq!((image.width, image.height, image.samples), (40, 20, 1));
    let cmyk = [
        &[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 20, 0, 40, 4][..],
        &[0; 3],
    ]
    .concat();
    assert_eq!(Logo::inspect(&cmyk), Err(UnusableLogo::OtherForm));
    let lossless = [
        0xff, 0xd8, 0xff, 0xc3, 0, 11, 8, 0, 20, 0, 40, 1, 1, 0x11, 0,
    ];
    assert_eq!(Logo::inspect(&lossless), Err(UnusableLogo::OtherForm));
}

#[test]
fn a_jpeg_has_its_segments_and_nothing_behind() {
    let good = jpeg_of(&[&[1, 2, 3], &[4]]);
    assert!(Logo::inspect(&good).is_ok());
    assert!(damaged(&[&good[..], b"x"].concat()));
    for length in 2..good.len() {
        assert!(damaged(&good[..length]), "{length}");
    }
    // Without tables, without scans, with a part that the frame has not, and a frame too many.
    assert!(damaged(&[&good[..8], &good[14..]].concat()));
    assert!(damaged(&[&good[..14], &good[20..]].concat()));
    assert!(damaged(&jpeg_of(&[])));
    let mut other = good.clone();
    other[38] = 2;
    assert!(damaged(&other));
    assert!(damaged(&[&good[..33], &good[20..]].concat()));
}

#[test]
fn a_jpeg_has_a_bit_for_each_square_and_few_scans() {
    assert!(damaged(&jpeg_of(&[&[1]])));
    assert!(damaged(&jpeg_of(&[&[1, 2], &[]])));
    assert!(Logo::inspect(&jpeg_of(&[&[1][..]; 100])).is_ok());
    assert!(damaged(&jpeg_of(&[&[1][..]; 101])));
}

#[test]
fn what_a_page_could_not_show_is_refused() {
    let data = zlib(&rows(3));
    let tail = [chunk(b"IDAT", &data), chunk(b"IEND", &[])].concat();
    let transparent = png_of(&[&header(6, 0), &tail]);
    let palette = png_of(&[&header(3, 0), &chunk(b"PLTE", &[0; 3]), &tail]);
    let interlaced = png_of(&[&header(RGB, 1), &tail]);
    let one_colour = png_of(&[&header(RGB, 0), &chunk(b"tRNS", &[0; 6]), &tail]);
    let huge = [0, 0, 0, 40, 0, 0, 0x0f, 0xa1, 8, RGB, 0, 0, 0];
    let huge = png_of(&[&chunk(b"IHDR", &huge), &tail]);
    for file in [
        &transparent[..],
        &palette,
        &interlaced,
        &one_colour,
        &huge,
        b"GIF89a",
        b"",
    ] {
        assert_eq!(Logo::inspect(file), Err(UnusableLogo::OtherForm));
        assert_eq!(Logo::new(file), Err(UnusableLogo::OtherForm));
    }
}
