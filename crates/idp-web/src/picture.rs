//! A picture from outside becomes one of ours (S092): decoded within limits, made small, and encoded anew, so that of the
//! bytes that came in nothing goes out but colours: no program, no place where it was taken.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, GenericImageView as _, ImageDecoder as _, ImageEncoder as _, ImageError,
    ImageFormat, ImageReader, Limits, imageops,
};
use tokio::sync::Semaphore;

/// What decoding may take, in bytes: the largest picture with four bytes a pixel, and as much again to work with.
const MEMORY: u64 = 128 * 1024 * 1024;
/// One is drawn at a time: a picture that unfolds takes tens of megabytes while it is looked at.
static DRAWING: Semaphore = Semaphore::const_new(1);

/// What may come in, and what goes out.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    /// The longest file that is looked at, in bytes.
    pub longest: usize,
    /// The longest side of what is looked at, in pixels.
    pub largest: u32,
    /// The most pixels of what is looked at.
    pub pixels: u64,
    /// The longest side of what is kept, in pixels: twice what pages show, for fine screens.
    pub side: u32,
    /// What becomes of a picture that is no square.
    pub shape: Shape,
}

/// What becomes of a picture that is no square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It stays as it is.
    Whole,
    /// The square in its middle is kept.
    Square,
}

/// A PNG of ours: never the bytes that were sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Vec<u8>);

impl Picture {
    /// The PNG.
    pub fn as_png(&self) -> &[u8] {
        &self.0
    }

    /// The same.
    pub fn into_png(self) -> Vec<u8> {
        self.0
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} bytes)", self.0.len())
    }
}

/// Why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    /// The file; how long it may be, in bytes.
    #[error("the file is longer than {} KiB", .0 / 1024)]
    TooLong(usize),
    /// Something else than a PNG or JPEG, such as an SVG, which may hold a program.
    #[error("the file is neither PNG nor JPEG")]
    Format,
    /// The picture in it; how long its sides may be, in pixels.
    #[error("the picture is larger than {0} by {0} pixels")]
    TooLarge(u32),
    /// It is cut off or broken.
    #[error("the picture cannot be read")]
    Unreadable,
}

/// Draws a file anew, beside the threads that answer requests.
///
/// # Errors
/// [`PictureFault`].
pub async fn draw(file: Vec<u8>, how: Drawing) -> Result<Picture, PictureFault> {
    let _turn = DRAWING.acquire().await;
    // A decoder that panics has met a file that is none.
    tokio::task::spawn_blocking(move || redraw(&file, how)).await.unwrap_or(Err(PictureFault::Unreadable))
}

/// Draws a file anew.
///
/// # Errors
/// [`PictureFault`].
pub fn redraw(file: &[u8], how: Drawing) -> Result<Picture, PictureFault> {
    if file.len() > how.longest {
        return Err(PictureFault::TooLong(how.longest));
    }
    // What it is, its first bytes say; whatever it claims to be elsewhere is not asked.
    let format = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
        _ => return Err(PictureFault::Format),
    };
    let (whole, turned) = decode(file, format, how)?;
    let mut small = match how.shape {
        Shape::Whole => match whole.width().max(whole.height()) {
            side if side <= how.side => whole,
            _ => whole.thumbnail(how.side, how.side),
        },
        Shape::Square => square(&whole, how.side),
    };
    small.apply_orientation(turned);
    let pixels = small.into_rgba8();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
        .write_image(&pixels, pixels.width(), pixels.height(), ExtendedColorType::Rgba8)
        .map_err(|_| PictureFault::Unreadable)?;
    Ok(Picture(png))
}

/// The picture, and how a camera says that it was held.
fn decode(file: &[u8], format: ImageFormat, how: Drawing) -> Result<(DynamicImage, Orientation), PictureFault> {
    let fault = |error: ImageError| match error {
        ImageError::Limits(_) => PictureFault::TooLarge(how.largest),
        _ => PictureFault::Unreadable,
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(how.largest);
    limits.max_image_height = Some(how.largest);
    limits.max_alloc = Some(MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > how.pixels {
        return Err(PictureFault::TooLarge(how.largest));
    }
    limits.reserve(decoder.total_bytes()).map_err(fault)?;
    decoder.set_limits(limits).map_err(fault)?;
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder).map_err(fault)?, turned))
}

/// The square in the middle, as it is turned either way.
fn square(whole: &DynamicImage, largest: u32) -> DynamicImage {
    let (width, height) = whole.dimensions();
    let side = width.min(height);
    let middle = whole.view((width - side) / 2, (height - side) / 2, side, side);
    DynamicImage::ImageRgba8(imageops::thumbnail(&*middle, side.min(largest), side.min(largest)))
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage, RgbaImage};

    use super::*;

    const LOGO: Drawing = crate::logo::DRAWING;
    const PORTRAIT: Drawing = crate::portrait::DRAWING;

    /// A picture with a colour for each pixel, as a file.
    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let colour = |x: u32, y: u32| [(x % 256) as u8, (y % 256) as u8, ((x + y) % 256) as u8];
        let picture = match format {
            ImageFormat::Jpeg => DynamicImage::from(RgbImage::from_fn(width, height, |x, y| colour(x, y).into())),
            _ => DynamicImage::from(RgbaImage::from_fn(width, height, |x, y| {
                let [r, g, b] = colour(x, y);
                [r, g, b, 200].into()
            })),
        };
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn size(picture: &Picture) -> (u32, u32) {
        let read = image::load_from_memory_with_format(picture.as_png(), ImageFormat::Png).unwrap();
        (read.width(), read.height())
    }

    #[test]
    fn a_picture_is_made_small_and_encoded_anew() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            for (width, height, expected) in
                [(1, 1, (1, 1)), (48, 96, (48, 96)), (400, 200, (192, 96)), (10, 2000, (1, 192))]
            {
                let sent = file(width, height, format);
                let picture = redraw(&sent, LOGO).unwrap();
                assert_eq!(size(&picture), expected);
                assert_ne!(picture.as_png(), sent);
                // Drawn again it is the same: nothing but the picture goes in.
                assert_eq!(redraw(&sent, LOGO).unwrap(), picture);
            }
        }
    }

    #[test]
    fn a_portrait_is_the_square_in_the_middle() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            for (width, height, side) in [(1, 1, 1), (48, 96, 48), (300, 400, 256), (2, 900, 2), (256, 256, 256)] {
                let picture = redraw(&file(width, height, format), PORTRAIT).unwrap();
                assert_eq!(size(&picture), (side, side), "{width} by {height}");
            }
        }
        // Three stripes: the one in the middle is left.
        let stripes =
            RgbaImage::from_fn(30, 10, |x, _| if (10..20).contains(&x) { [9, 8, 7, 255] } else { [0; 4] }.into());
        let mut sent = Cursor::new(Vec::new());
        DynamicImage::from(stripes).write_to(&mut sent, ImageFormat::Png).unwrap();
        let picture = redraw(sent.get_ref(), PORTRAIT).unwrap();
        let read = image::load_from_memory_with_format(picture.as_png(), ImageFormat::Png).unwrap().into_rgba8();
        assert!(read.pixels().all(|pixel| pixel.0 == [9, 8, 7, 255]));
    }

    #[test]
    fn a_portrait_stands_upright_and_keeps_nothing_of_the_camera() {
        // The left half dark, the right half light; an Exif part says that the camera was held on its side.
        let halves = RgbImage::from_fn(32, 32, |x, _| if x < 16 { [0; 3] } else { [255; 3] }.into());
        let mut sent = Cursor::new(Vec::new());
        DynamicImage::from(halves).write_to(&mut sent, ImageFormat::Jpeg).unwrap();
        let mut sent = sent.into_inner();
        let turned = *b"\xff\xe1\x00\x22Exif\0\0MM\x00\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        sent.splice(2..2, turned);
        let picture = redraw(&sent, PORTRAIT).unwrap();
        assert!(!picture.as_png().windows(4).any(|part| part == b"Exif" || part == b"eXIf"));
        let read = image::load_from_memory_with_format(picture.as_png(), ImageFormat::Png).unwrap().into_rgba8();
        let light = |x, y| read.get_pixel(x, y).0[0] > 128;
        assert_eq!([light(2, 2), light(29, 2), light(2, 29), light(29, 29)], [false, false, true, true]);
    }

    #[test]
    fn a_portrait_of_too_many_pixels_is_refused() {
        // Sides that are allowed, and a whole that is not.
        let mut flat = Cursor::new(Vec::new());
        DynamicImage::from(image::GrayImage::new(5000, 4001)).write_to(&mut flat, ImageFormat::Png).unwrap();
        assert_eq!(redraw(flat.get_ref(), PORTRAIT), Err(PictureFault::TooLarge(PORTRAIT.largest)));
    }

    #[test]
    fn s092_what_is_no_png_or_jpeg_is_refused_whatever_it_is_called() {
        let script = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
        for other in
            [&script[..], b"", b"GIF89a\x01\x00\x01\x00", b"BM", b"RIFF....WEBPVP8 ", b"<!doctype html>", b"%PDF-"]
        {
            assert_eq!(redraw(other, LOGO), Err(PictureFault::Format));
        }
        assert_eq!(redraw(&vec![0; LOGO.longest + 1], LOGO), Err(PictureFault::TooLong(LOGO.longest)));
    }

    #[test]
    fn s092_of_a_file_that_is_two_things_at_once_only_the_picture_is_left() {
        let mut both = file(8, 8, ImageFormat::Png);
        both.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
        let mut comment = file(8, 8, ImageFormat::Jpeg);
        // A comment segment after the first marker.
        comment.splice(2..2, *b"\xff\xfe\x00\x1b<script>alert(1)</script>");
        for polyglot in [both, comment] {
            if let Ok(picture) = redraw(&polyglot, LOGO) {
                assert!(!picture.as_png().windows(6).any(|part| part == b"script" || part.starts_with(b"PK")));
            }
        }
    }

    #[test]
    fn s092_a_file_cut_at_any_byte_is_refused_or_drawn_and_nothing_breaks() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let whole = file(24, 24, format);
            for end in 0..whole.len() {
                let _ = redraw(&whole[..end], PORTRAIT);
            }
            for at in 0..whole.len() {
                let mut broken = whole.clone();
                broken[at] ^= 0xff;
                let _ = redraw(&broken, PORTRAIT);
            }
        }
    }

    #[test]
    fn s092_a_picture_that_unfolds_is_refused_before_it_does() {
        // Twenty thousand pixels square in the head, and hardly anything behind it.
        let mut huge = file(8, 8, ImageFormat::Png);
        huge[16..20].copy_from_slice(&20_000_u32.to_be_bytes());
        huge[20..24].copy_from_slice(&20_000_u32.to_be_bytes());
        let checksum = crc(&huge[12..29]);
        huge[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(redraw(&huge, LOGO), Err(PictureFault::TooLarge(4096)));
        let mut wide = file(8, 8, ImageFormat::Jpeg);
        let frame = wide.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        wide[frame + 5..frame + 9].copy_from_slice(&[0x4e, 0x20, 0x4e, 0x20]);
        assert_eq!(redraw(&wide, LOGO), Err(PictureFault::TooLarge(4096)));
        // A true one of one colour: small as a file, and too large all the same.
        let mut flat = Cursor::new(Vec::new());
        DynamicImage::from(image::GrayImage::new(LOGO.largest + 1, 64)).write_to(&mut flat, ImageFormat::Png).unwrap();
        let flat = flat.into_inner();
        assert!(flat.len() < LOGO.longest);
        assert_eq!(redraw(&flat, LOGO), Err(PictureFault::TooLarge(4096)));
    }

    /// The checksum of a PNG chunk.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }
}
