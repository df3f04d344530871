//! Whether a disk is full: the reason that programs which die of it rarely tell.

use std::path::Path;

use nix::sys::statvfs::statvfs;

/// Less than this is nothing for a database or a log to write to.
const NOTHING: u64 = 8 << 20;

/// A line for the end of a message if the folder's disk is full, else nothing.
pub fn warning(folder: &Path) -> String {
    match free(folder) {
        Some(bytes) if bytes < NOTHING => format!(
            "\nThe disk that holds {} is full ({} KiB are left): free some space and run the same command \
             again. Nothing that was confirmed is lost.",
            folder.display(),
            bytes >> 10
        ),
        _ => String::new(),
    }
}

// The types of these differ from system to system.
#[expect(
    clippy::useless_conversion,
    reason = "u32 on some systems, u64 on others"
)]
fn free(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let disk = statvfs(there).ok()?;
    Some(u64::from(disk.blocks_available()) * disk.fragment_size())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_with_room_needs_no_warning() {
        let folder = std::env::temp_dir();
        assert!(free(&folder).is_some());
        assert_eq!(free(&folder.join("not-there-yet")), free(&folder));
        // Kernel file systems have no room at all.
        assert!(warning(Path::new("/proc")).contains("is full"));
    }
}
