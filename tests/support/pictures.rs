//! The pictures of the documentation are what the tests see: each is made by one, and compared with each run.

use std::process::Command;

use super::root;
use super::window::Window;

/// How far apart a picture and its published one may be, from 0 to 1, once both are small and grey: other fonts and
/// other times of day are less, a missing panel is more.
const LIKE: f64 = 0.1;

impl Window {
    /// Holds what is seen against `docs/pictures/NAME.png`, or `NAME-ja.png` in Japanese; with `FIELDKEY_UPDATE` set,
    /// it becomes that picture.
    pub(crate) async fn picture(&self, name: &str) {
        let seen = self.shoot(name).await;
        let twin = if self.speaks("ja").await { "-ja" } else { "" };
        let published = root().join(format!("docs/pictures/{name}{twin}.png"));
        if std::env::var_os("FIELDKEY_UPDATE").is_some() {
            std::fs::write(published, seen).expect("writable");
            return;
        }
        assert!(published.is_file(), "{} is missing: run the test with FIELDKEY_UPDATE=1", published.display());
        let small = ["-resize", "50x36!", "-colorspace", "Gray", "-metric", "RMSE", "-compare"];
        let seen = self.shots.join(format!("{name}.png"));
        let mut convert = Command::new("convert");
        convert.args([&published, &seen]).args(small).args(["-format", "%[distortion]", "info:"]);
        let compared = convert.output().expect("imagemagick is installed");
        let compared = String::from_utf8_lossy(&compared.stdout).into_owned();
        let apart: f64 = compared.trim().parse().unwrap_or_else(|_| panic!("imagemagick said {compared}"));
        assert!(apart < LIKE, "{} is {apart} away from what is seen: look at {}", published.display(), seen.display());
    }
}
