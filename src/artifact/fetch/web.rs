//! Asking hosts of release files: HTTPS by the computer's own root certificates, proxies, and the mirror.

use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

use crate::t;

/// Until a host counts as silent.
const CONNECT: Duration = Duration::from_secs(15);
/// Until a connection on which nothing comes any more counts as cut.
const SILENCE: Duration = Duration::from_secs(30);
/// Pauses before a passing fault is tried again.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
];
/// More than any checksum file, list of a pack or description of an image has.
const TEXT: u64 = 4 << 20;

/// The way to all hosts.
pub(super) struct Web {
    /// Behind the computer's proxy, if it has one.
    outside: Agent,
    /// Past it: what speaks plain HTTP is a mirror or a pack in the room.
    room: Agent,
    mirror: Option<String>,
}

/// Why a host did not give what was asked for.
#[derive(Debug)]
pub(super) enum Fault {
    /// Trying again may help.
    Passing(String),
    /// It will not.
    Final(String),
    /// It wants to know who asks.
    Denied {
        /// What it said.
        why: String,
        /// Its `WWW-Authenticate`.
        challenge: String,
    },
}

impl Fault {
    pub(super) fn why(self) -> String {
        match self {
            Self::Passing(why) | Self::Final(why) | Self::Denied { why, .. } => why,
        }
    }
}

/// The bytes of a file from some place on.
pub(super) struct Reply {
    pub body: Box<dyn Read>,
    /// The place in the file of the first byte.
    pub from: u64,
    /// How many bytes come, if the host said so.
    pub length: Option<u64>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web")
            .field("mirror", &self.mirror)
            .finish_non_exhaustive()
    }
}

impl Web {
    pub(super) fn new(mirror: Option<String>) -> Self {
        // The environment's: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, and NO_PROXY.
        let agent = |proxy: Option<Proxy>| -> Agent {
            // Schools have proxies that sign with a certificate of their own, which only the computer knows.
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::PlatformVerifier)
                .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .build();
            let config = Agent::config_builder()
                .tls_config(tls)
                .proxy(proxy)
                .user_agent(concat!("kprov/", env!("CARGO_PKG_VERSION")))
                .http_status_as_error(false)
                .timeout_resolve(Some(CONNECT))
                .timeout_connect(Some(CONNECT))
                .timeout_recv_response(Some(SILENCE))
                .timeout_per_read(Some(SILENCE))
                .build();
            config.into()
        };
        Self {
            outside: agent(Proxy::try_from_env()),
            room: agent(None),
            mirror,
        }
    }

    /// Where a file is really asked for.
    pub(super) fn address(&self, url: &str) -> String {
        match (&self.mirror, url.split_once("://")) {
            (Some(base), Some((_, rest))) => format!("{}/{rest}", base.trim_end_matches('/')),
            _ => url.to_owned(),
        }
    }

    /// Asks once for a file from a place on. The host may begin at the start all the same.
    pub(super) fn get(&self, url: &str, from: u64) -> Result<Reply, Fault> {
        self.ask(&self.address(url), &[], from)
    }

    /// Asks once for what lies at an address, whatever mirror there is. Headers do not follow to another host.
    pub(super) fn ask(&self, address: &str, headers: &[(&str, &str)], from: u64) -> Result<Reply, Fault> {
        let in_the_room = address.starts_with("http://");
        let agent = if in_the_room { &self.room } else { &self.outside };
        let mut request = agent.get(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        let response = request.call().map_err(|error| fault(&error))?;
        let status = response.status();
        let length = number(&response, header::CONTENT_LENGTH.as_str(), |text| {
            text.parse().ok()
        });
        let start = match status.as_u16() {
            200 => 0,
            // All of the file is there already.
            416 if from > 0 => {
                return Ok(Reply {
                    body: Box::new(std::io::empty()),
                    from,
                    length: Some(0),
                });
            }
            206 => number(&response, header::CONTENT_RANGE.as_str(), |text| {
                text.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
            })
            .filter(|start| *start == from)
            .ok_or_else(|| Fault::Passing(t!("artifact.bad-range")))?,
            // 408, 425 and 429 ask to come again later (RFC 9110, RFC 8470, RFC 6585).
            408 | 425 | 429 | 500..=599 => return Err(Fault::Passing(answered(status))),
            401 => {
                let challenge = response.headers().get(header::WWW_AUTHENTICATE);
                return Err(Fault::Denied {
                    why: answered(status),
                    challenge: challenge
                        .and_then(|text| text.to_str().ok())
                        .unwrap_or("")
                        .to_owned(),
                });
            }
            _ => return Err(Fault::Final(answered(status))),
        };
        Ok(Reply {
            body: Box::new(response.into_body().into_reader()),
            from: start,
            length,
        })
    }

    /// A short text; passing faults are tried again.
    pub(super) fn text(&self, url: &str, stop: &dyn Fn() -> bool) -> Result<String, String> {
        String::from_utf8(self.bytes(url, stop)?).map_err(|error| error.to_string())
    }

    /// A short file, likewise.
    pub(super) fn bytes(&self, url: &str, stop: &dyn Fn() -> bool) -> Result<Vec<u8>, String> {
        patiently(stop, || self.get(url, 0)).map_err(Fault::why)
    }
}

/// All of a short answer; passing faults are tried again.
pub(super) fn patiently(
    stop: &dyn Fn() -> bool,
    ask: impl Fn() -> Result<Reply, Fault>,
) -> Result<Vec<u8>, Fault> {
    let mut pauses = Pauses::default();
    loop {
        let mut bytes = Vec::new();
        let got = ask().and_then(|reply| {
            let read = reply.body.take(TEXT).read_to_end(&mut bytes);
            read.map_err(|error| Fault::Passing(error.to_string()))
        });
        match got {
            Ok(_) => return Ok(bytes),
            Err(Fault::Passing(_)) if pauses.pause(stop) => {}
            Err(fault) => return Err(fault),
        }
    }
}

/// Counts the tries that came to nothing, and waits between them.
#[derive(Default)]
pub(super) struct Pauses(usize);

impl Pauses {
    /// Waits before the next try; false when there is none left or it is time to stop.
    pub(super) fn pause(&mut self, stop: &dyn Fn() -> bool) -> bool {
        let Some(mut left) = PAUSES.get(self.0).copied() else {
            return false;
        };
        self.0 += 1;
        let slice = Duration::from_millis(50);
        while !left.is_zero() && !stop() {
            std::thread::sleep(left.min(slice));
            left = left.saturating_sub(slice);
        }
        !stop()
    }
}

fn number(response: &Response<Body>, name: &str, read: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    read(response.headers().get(name)?.to_str().ok()?)
}

fn answered(status: ureq::http::StatusCode) -> String {
    t!("artifact.answered", status = status)
}

/// What a request that got no answer ends with. A name that is not known and a refused connection pass as well: a
/// laptop that wakes up has its network a moment later.
fn fault(error: &ureq::Error) -> Fault {
    let mut words = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(cause) = below {
        words = format!("{words}: {cause}");
        below = cause.source();
    }
    match error {
        ureq::Error::Io(_)
        | ureq::Error::Timeout(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Protocol(_) => Fault::Passing(words),
        _ => Fault::Final(words),
    }
}

#[cfg(test)]
mod tests {
    use super::Web;

    #[test]
    fn a_mirror_has_the_host_as_a_folder() {
        let url = "https://dl.k8s.io/release/v1.20.2/bin/linux/amd64/kubelet";
        assert_eq!(Web::new(None).address(url), url);
        for base in ["http://teacher:8000", "http://teacher:8000/"] {
            let expected = "http://teacher:8000/dl.k8s.io/release/v1.20.2/bin/linux/amd64/kubelet";
            assert_eq!(Web::new(Some(base.into())).address(url), expected);
        }
    }
}
