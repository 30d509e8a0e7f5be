//! The window, driven through WebDriver: the main job, practice, the bench, the help desk and the journal.

mod bench;
mod cost;
mod files;
mod help_desk;
mod installer;
mod journal;
mod looks;
mod practice;
mod signing_in;
mod sites;
