//! The window, driven through WebDriver: the main job, practice, the bench, the help desk, the journal, and a computer
//! that an organisation looks after; and how it renews itself.

mod bench;
mod cost;
mod files;
mod help_desk;
mod installer;
mod journal;
mod looks;
mod organisation;
mod practice;
mod signing_in;
mod sites;
mod updates;
