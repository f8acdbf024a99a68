//! Plain HTTP from this computer, as a browser would ask.

use std::time::Duration;

/// The status and the page that an address answers with, whatever the status is.
///
/// # Errors
/// What went wrong, in words: no connection, or no answer in time.
pub fn ask(url: &str, timeout: Duration) -> Result<(u16, String), String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into();
    let mut response = agent.get(url).call().map_err(|error| error.to_string())?;
    let page = response
        .body_mut()
        .read_to_string()
        .map_err(|error| error.to_string())?;
    Ok((response.status().as_u16(), page))
}

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
