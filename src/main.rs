//! The `kprov` program.

fn main() -> std::process::ExitCode {
    kprov::error::Exit::Done.into()
}
