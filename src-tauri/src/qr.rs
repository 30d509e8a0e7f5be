//! A QR code as the path of an SVG, so that the page needs no image and no library for it.

use std::fmt::Write;

use qrcode::{Color, QrCode};

/// The `d` of a path that fills the dark modules, and the side of its square in modules with the quiet zone.
/// `None` if the text is too long for any QR code.
pub(crate) fn path(text: &str) -> Option<(String, usize)> {
    const QUIET: usize = 4;
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (index % width + QUIET, index / width + QUIET);
            // Writing into a string cannot fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Some((path, width + 2 * QUIET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_dark_module_lies_inside_the_quiet_zone() {
        let (path, side) = path("otpauth://totp/x").expect("short enough");
        assert!(path.starts_with("M4 4h1v1h-1z"), "the finder pattern begins at the corner");
        assert_eq!(side, 25 + 8, "version 2 has 25 modules");
    }
}
