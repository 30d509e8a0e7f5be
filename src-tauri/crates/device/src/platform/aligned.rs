//! Reading as drives want it when no cache is in between: in whole blocks, into memory that begins
//! at a block's boundary.

use std::io::{self, ErrorKind, Read};

use zeroize::Zeroizing;

/// No drive has larger logical blocks.
const BLOCK: usize = 4096;

/// Reads up to `limit` bytes, rounded up to blocks, from the beginning of a file.
pub(super) fn read(mut file: impl Read, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let room = limit.next_multiple_of(BLOCK).max(BLOCK);
    let mut buffer = Zeroizing::new(vec![0_u8; room + BLOCK]);
    let start = buffer.as_ptr().align_offset(BLOCK);
    let window = start.checked_add(room).and_then(|end| buffer.get_mut(start..end));
    let Some(window) = window else { return Err(ErrorKind::Unsupported.into()) };
    let mut filled = 0;
    while let Some(rest) = window.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        // Only a file's end is no block's end; a read from here on would be refused.
        if !filled.is_multiple_of(BLOCK) {
            break;
        }
    }
    Ok(Zeroizing::new(window.get(..filled).unwrap_or_default().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_end_at_the_file_s_end_or_the_limit() {
        let bytes: Vec<u8> = (0..10_000_u32).map(|i| i.to_le_bytes()[0]).collect();
        assert_eq!(read(&bytes[..7], 8).expect("read").as_slice(), &bytes[..7]);
        assert_eq!(read(&bytes[..0], 1).expect("read").len(), 0);
        assert_eq!(read(&bytes[..], 4097).expect("read").len(), 8192, "the limit is rounded up to blocks");
        assert_eq!(read(&bytes[..], 10_000).expect("read").as_slice(), &bytes[..]);
    }
}
