//! SHA-256 of files, in hexadecimal.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::stop::Until;

/// Whether a text is a SHA-256 in lowercase hexadecimal, as this module writes them.
pub(super) fn is_sum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The sum of a text.
pub(crate) fn of_text(text: &str) -> String {
    of_bytes(text.as_bytes())
}

/// The sum of some bytes.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The sum of a file; an error when it is time to stop.
pub(super) fn of_file(path: &Path, stop: &dyn Fn() -> bool) -> io::Result<String> {
    let mut hash = Sha256::new();
    let inner = File::open(path)?;
    add(&mut hash, &mut Until { inner, stop })?;
    Ok(hex(&hash.finalize()))
}

/// Takes the rest of a reader into a sum; returns how many bytes that were.
pub(super) fn add(hash: &mut Sha256, reader: &mut dyn Read) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(bytes),
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}
