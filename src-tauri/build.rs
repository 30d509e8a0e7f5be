//! Tauri's half of the build, with its folders where the design puts them.

use tauri_build::{AppManifest, Attributes};

const CAPABILITIES: &str = "src-tauri/capabilities";
const PERMISSIONS: &str = "src-tauri/permissions";

fn main() {
    for folder in [CAPABILITIES, PERMISSIONS] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let permissions = AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*.toml");
    let attributes =
        Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*").app_manifest(permissions);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error={error:#}");
    }
}
