//! What the commands tell the person at the terminal. A terminal that is gone (a closed window, a pipe whose
//! reader has left) stops no work: what cannot be printed is lost, and what runs is still ended in order.

use std::fmt::Arguments;
use std::io::Write;

/// Prints a line on standard output.
#[macro_export]
macro_rules! say {
    () => { $crate::console::say(format_args!("")) };
    ($($words:tt)*) => { $crate::console::say(format_args!($($words)*)) };
}

/// Prints a line on standard error.
#[macro_export]
macro_rules! complain {
    ($($words:tt)*) => { $crate::console::complain(format_args!($($words)*)) };
}

#[doc(hidden)]
pub fn say(words: Arguments<'_>) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{words}")
        .and_then(|()| output.flush())
        .ok();
}

#[doc(hidden)]
pub fn complain(words: Arguments<'_>) {
    writeln!(std::io::stderr().lock(), "{words}").ok();
}
