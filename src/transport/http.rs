//! Plain HTTP from this computer, as a browser would ask.

use std::time::Duration;

use super::in_words;
use crate::t;

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
    let mut response = agent.get(url).call().map_err(|error| why(&error))?;
    let page = response
        .body_mut()
        .read_to_string()
        .map_err(|error| why(&error))?;
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
    let mut response = agent.get(url).call().map_err(|error| why(&error))?;
    response.body_mut().read_to_string().map_err(|error| why(&error))
}

fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => in_words(error),
        ureq::Error::Timeout(_) => t!("transport.timed-out"),
        ureq::Error::ConnectionFailed => t!("transport.refused"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::get;

    #[test]
    fn what_went_wrong_is_said_in_words() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        assert_eq!(
            get(&url, Duration::from_millis(300)).unwrap_err(),
            "it does not answer in time"
        );
        drop(listener);
        assert_eq!(
            get(&url, Duration::from_secs(5)).unwrap_err(),
            "it refuses the connection"
        );
    }
}
