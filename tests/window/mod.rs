//! The window, driven through WebDriver: the main job, practice, the bench, the help desk and the journal.

mod cost;
mod help_desk;
mod installer;
mod practice;
