//! A QR code as a drawing in the page: no picture is fetched, and nothing is asked of a script.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// A QR code, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height in modules, the quiet zone among them.
    pub size: i32,
    /// The dark modules, as the path of an SVG drawing.
    pub path: String,
}

/// The quiet zone that readers need around it (ISO/IEC 18004).
const QUIET: i32 = 4;

impl Picture {
    /// Draws `text`; one that is too long for any code is an empty drawing, and the text beside it is there to be typed.
    pub fn of(text: &str) -> Self {
        let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
            return Self { size: 2 * QUIET, path: String::new() };
        };
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                // A run of dark modules is one rectangle.
                let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
                let run = i32::try_from(run).unwrap_or(0);
                if run > 0 {
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run + 1;
            }
        }
        Self { size: code.size() + 2 * QUIET, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once_and_no_light_one() {
        let text = "otpauth://totp/MOC%20Account:somchai%40mail.example?secret=GEZDGNBVGY3TQOJQ&issuer=MOC%20Account";
        let (picture, code) = (Picture::of(text), QrCode::encode_text(text, QrCodeEcc::Medium).unwrap());
        assert_eq!(picture.size, code.size() + 8);
        let mut dark = std::collections::BTreeSet::new();
        for run in picture.path.split('M').skip(1) {
            let numbers: Vec<i32> =
                run.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            for x in numbers[0]..numbers[0] + numbers[2] {
                assert!(dark.insert((x - QUIET, numbers[1] - QUIET)));
            }
        }
        for y in 0..code.size() {
            for x in 0..code.size() {
                assert_eq!(dark.contains(&(x, y)), code.get_module(x, y), "{x} {y}");
            }
        }
        assert_eq!(Picture::of(&"x".repeat(5000)).path, "");
    }
}
