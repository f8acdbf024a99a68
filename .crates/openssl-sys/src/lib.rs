//! The part of openssl-sys that libssh2-sys calls, on AWS-LC.

/// Prepares libcrypto; may be called any number of times.
pub fn init() {
    // SAFETY: it has no preconditions and guards itself against repetition and other threads.
    unsafe { aws_lc_sys::CRYPTO_library_init() }
}
