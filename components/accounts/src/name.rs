//! A person's first or last name.

use commerce::Label;

/// 1 to 100 printable characters on one line.
pub type Name = Label<100>;
