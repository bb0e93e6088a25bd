//! A picture from outside becomes one of ours (S092): decoded within limits, made small, and encoded anew, so that of the
//! bytes that came in nothing goes out but colours.

use std::io::Cursor;

use idp_core::client::LogoName;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, ImageFormat, ImageReader, Limits};

use super::LONGEST;

/// The longest side of what is looked at, in pixels.
const LARGEST: u32 = 4096;
/// What decoding may take, in bytes: the largest picture with four bytes a pixel, and as much again to work with.
const MEMORY: u64 = 128 * 1024 * 1024;
/// The longest side of what is kept, in pixels: twice what pages show, for fine screens.
const SIDE: u32 = 192;

/// A PNG of ours: never the bytes that were sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Vec<u8>);

impl Picture {
    /// Its name: a digest of it.
    pub fn name(&self) -> LogoName {
        LogoName::of(&self.0)
    }

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
    /// The file.
    #[error("the file is longer than 512 KiB")]
    TooLong,
    /// Something else than a PNG or JPEG, such as an SVG, which may hold a program.
    #[error("the file is neither PNG nor JPEG")]
    Format,
    /// The picture in it.
    #[error("the picture is larger than 4096 by 4096 pixels")]
    TooLarge,
    /// It is cut off or broken.
    #[error("the picture cannot be read")]
    Unreadable,
}

/// Draws a file anew.
///
/// # Errors
/// [`PictureFault`].
pub fn redraw(file: &[u8]) -> Result<Picture, PictureFault> {
    if file.len() > LONGEST {
        return Err(PictureFault::TooLong);
    }
    // What it is, its first bytes say; whatever it claims to be elsewhere is not asked.
    let format = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
        _ => return Err(PictureFault::Format),
    };
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let whole = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => PictureFault::TooLarge,
        _ => PictureFault::Unreadable,
    })?;
    let small = match whole.width().max(whole.height()) {
        ..=SIDE => whole,
        _ => whole.thumbnail(SIDE, SIDE),
    };
    let pixels = small.into_rgba8();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
        .write_image(&pixels, pixels.width(), pixels.height(), ExtendedColorType::Rgba8)
        .map_err(|_| PictureFault::Unreadable)?;
    Ok(Picture(png))
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage, RgbaImage};

    use super::*;

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
                let picture = redraw(&sent).unwrap();
                assert_eq!(size(&picture), expected);
                assert_ne!(picture.as_png(), sent);
                // Drawn again it is the same: nothing but the picture goes in.
                assert_eq!(redraw(&sent).unwrap().name(), picture.name());
            }
        }
    }

    #[test]
    fn s092_what_is_no_png_or_jpeg_is_refused_whatever_it_is_called() {
        let script = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
        for other in
            [&script[..], b"", b"GIF89a\x01\x00\x01\x00", b"BM", b"RIFF....WEBPVP8 ", b"<!doctype html>", b"%PDF-"]
        {
            assert_eq!(redraw(other), Err(PictureFault::Format));
        }
        assert_eq!(redraw(&vec![0; LONGEST + 1]), Err(PictureFault::TooLong));
    }

    #[test]
    fn s092_of_a_file_that_is_two_things_at_once_only_the_picture_is_left() {
        let mut both = file(8, 8, ImageFormat::Png);
        both.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
        let mut comment = file(8, 8, ImageFormat::Jpeg);
        // A comment segment after the first marker.
        comment.splice(2..2, *b"\xff\xfe\x00\x1b<script>alert(1)</script>");
        for polyglot in [both, comment] {
            if let Ok(picture) = redraw(&polyglot) {
                assert!(!picture.as_png().windows(6).any(|part| part == b"script" || part.starts_with(b"PK")));
            }
        }
    }

    #[test]
    fn s092_a_file_cut_at_any_byte_is_refused_or_drawn_and_nothing_breaks() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let whole = file(24, 24, format);
            for end in 0..whole.len() {
                let _ = redraw(&whole[..end]);
            }
            for at in 0..whole.len() {
                let mut broken = whole.clone();
                broken[at] ^= 0xff;
                let _ = redraw(&broken);
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
        assert_eq!(redraw(&huge), Err(PictureFault::TooLarge));
        let mut wide = file(8, 8, ImageFormat::Jpeg);
        let frame = wide.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        wide[frame + 5..frame + 9].copy_from_slice(&[0x4e, 0x20, 0x4e, 0x20]);
        assert_eq!(redraw(&wide), Err(PictureFault::TooLarge));
        // A true one of one colour: small as a file, and too large all the same.
        let mut flat = Cursor::new(Vec::new());
        DynamicImage::from(image::GrayImage::new(LARGEST + 1, 64)).write_to(&mut flat, ImageFormat::Png).unwrap();
        let flat = flat.into_inner();
        assert!(flat.len() < LONGEST);
        assert_eq!(redraw(&flat), Err(PictureFault::TooLarge));
    }

    /// The checksum of a PNG chunk.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }
}
