//! The transport against a real OpenSSH server on this computer's loopback.

mod exec;
mod keys;
mod lost;
mod server;
