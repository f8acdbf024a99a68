//! Plain HTTP from this computer, as a browser would ask.

use std::time::Duration;

/// The page at an address, read within `timeout`.
///
/// # Errors
/// What went wrong, in words: no connection, no answer in time, or a status that is not 2xx.
pub fn get(url: &str, timeout: Duration) -> Result<String, String> {
    // A proxy would be asked for the nodes' own addresses, which it cannot reach.
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .proxy(None)
        .build()
        .into();
    let mut response = agent.get(url).call().map_err(|error| error.to_string())?;
    response
        .body_mut()
        .read_to_string()
        .map_err(|error| error.to_string())
}
