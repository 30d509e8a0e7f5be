//! An empty Tauri window: what Fieldkey's start and memory are measured beside (`scripts/bench-window`).

fn main() -> Result<(), tauri::Error> {
    tauri::Builder::default().run(tauri::generate_context!())
}
