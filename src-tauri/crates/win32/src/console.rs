//! What a console does with the keys that are typed.

use std::io::stdin;
use std::os::windows::io::AsRawHandle;

use windows_sys::Win32::System::Console::{CONSOLE_MODE, GetConsoleMode, SetConsoleMode};

/// How the console was set, its echo among the rest, before a prompt changed that.
pub struct Echo(Option<CONSOLE_MODE>);

impl Echo {
    pub fn remember() -> Self {
        let mut mode = 0;
        // SAFETY: the handle is the process's own; one that is no console is an error and no more.
        let told = unsafe { GetConsoleMode(stdin().as_raw_handle(), &raw mut mode) };
        Self((told != 0).then_some(mode))
    }

    pub fn restore(&self) {
        let Some(mode) = self.0 else { return };
        // SAFETY: as above. A console that is gone needs no echo.
        unsafe { SetConsoleMode(stdin().as_raw_handle(), mode) };
    }
}
