//! Asking hosts of release files: HTTPS by the computer's own root certificates, proxies, and the mirror.

use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{Response, StatusCode, Uri, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy, ProxyProtocol};

use super::proxy::{Proxies, Way};
use super::through;
use crate::artifact::Login;
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

/// How often a host may say that a file is elsewhere.
const REDIRECTIONS: usize = 10;

/// The way to all hosts.
pub(super) struct Web {
    /// Past every proxy.
    direct: Agent,
    /// By way of the proxy for `http://` addresses.
    plain: Agent,
    /// By way of the proxy for `https://` addresses.
    secure: Agent,
    proxies: Proxies,
    mirror: Option<String>,
    /// Whether nobody is asked.
    closed: bool,
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
    /// The same, where a proxy had to be asked.
    fn by_way_of(self, proxy: &str) -> Self {
        let told = |why: String| t!("artifact.by-way-of", reason = why, proxy = proxy);
        match self {
            Self::Passing(why) => Self::Passing(told(why)),
            Self::Final(why) => Self::Final(told(why)),
            denied @ Self::Denied { .. } => denied,
        }
    }

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
        let proxies = Proxies::of_environment();
        let config = |proxy: Option<Proxy>| {
            // Schools have proxies that sign with a certificate of their own, which only the computer knows.
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::PlatformVerifier)
                .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .build();
            Agent::config_builder()
                .tls_config(tls)
                .proxy(proxy)
                .user_agent(concat!("kprov/", env!("CARGO_PKG_VERSION")))
                .http_status_as_error(false)
                // Each address has its own way, by a proxy or past it.
                .max_redirects(0)
                .timeout_resolve(Some(CONNECT))
                .timeout_connect(Some(CONNECT))
                .timeout_recv_response(Some(SILENCE))
                .timeout_per_read(Some(SILENCE))
                .build()
        };
        let of = |way: &Way| way.clone().ok().flatten();
        let plain = match of(&proxies.plain) {
            Some(proxy) if proxy.protocol() == ProxyProtocol::Http => through::agent(config(None), &proxy),
            proxy => config(proxy).into(),
        };
        Self {
            direct: config(None).into(),
            plain,
            secure: config(of(&proxies.secure)).into(),
            proxies,
            mirror,
            closed: false,
        }
    }

    /// The same way, on which nobody is asked any more.
    pub(super) fn closed(self) -> Self {
        Self { closed: true, ..self }
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
        if self.closed {
            return Err(Fault::Final(t!("packs.closed")));
        }
        let mut address = address.to_owned();
        let mut headers = headers.to_vec();
        for _ in 0..=REDIRECTIONS {
            let response = self.once(&address, &headers, from)?;
            match elsewhere(&address, &response) {
                Some(next) => address = next,
                None => return answer(response, from),
            }
            // A login is for the host that asked for it.
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        }
        Err(Fault::Final(t!("artifact.redirected", address = address)))
    }

    /// Asks for what lies at an address, by way of the proxy that it has.
    fn once(&self, address: &str, headers: &[(&str, &str)], from: u64) -> Result<Response<Body>, Fault> {
        let uri: Uri = address
            .parse()
            .map_err(|error| Fault::Final(format!("{error}")))?;
        let unknown = |variable: &str| Fault::Final(t!("artifact.bad-proxy", variable = variable));
        let proxy = self.proxies.of(&uri).map_err(unknown)?;
        let secure = uri.scheme_str() == Some("https");
        let mut request = match proxy {
            None => self.direct.get(address),
            Some(_) if secure => self.secure.get(address),
            Some(proxy) => {
                let request = self.plain.get(address);
                match (proxy.username(), proxy.protocol()) {
                    (Some(user), ProxyProtocol::Http) => {
                        let login = Login {
                            user: user.to_owned(),
                            password: proxy.password().unwrap_or_default().to_owned(),
                        };
                        request.header(header::PROXY_AUTHORIZATION, login.basic())
                    }
                    _ => request,
                }
            }
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        let response = request.call().map_err(|error| fault(&error));
        let response = response.and_then(|response| match response.status() {
            // Which is said by proxies alone.
            status @ StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(Fault::Final(answered(status))),
            _ => Ok(response),
        });
        response.map_err(|fault| match proxy {
            // Its host alone: it may have a password.
            Some(proxy) => fault.by_way_of(&format!("{}:{}", proxy.host(), proxy.port())),
            None => fault,
        })
    }

    /// A short text; passing faults are tried again.
    pub(super) fn text(&self, url: &str, stop: &dyn Fn() -> bool) -> Result<String, String> {
        let bytes = patiently(stop, || self.get(url, 0)).map_err(Fault::why)?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }
}

/// Where a host says that the file is instead.
fn elsewhere(address: &str, response: &Response<Body>) -> Option<String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let next = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?']).next().unwrap_or(rest);
    Some(if next.starts_with("http://") || next.starts_with("https://") {
        next.to_owned()
    } else if next.starts_with("//") {
        format!("{scheme}:{next}")
    } else if next.starts_with('/') {
        format!("{scheme}://{host}{next}")
    } else {
        let path = address.split('?').next().unwrap_or(address);
        let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
        format!("{folder}/{next}")
    })
}

/// What an answer comes to.
fn answer(response: Response<Body>, from: u64) -> Result<Reply, Fault> {
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

fn answered(status: StatusCode) -> String {
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
    if is_untrusted(error) {
        return Fault::Final(t!("artifact.untrusted", reason = words));
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

/// Whether the host's certificate is not to this computer's liking, which no second try changes.
fn is_untrusted(error: &ureq::Error) -> bool {
    let of_io = |error: &std::io::Error| {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
    };
    match error {
        ureq::Error::Io(error) => of_io(error),
        ureq::Error::Rustls(error) => matches!(error, rustls::Error::InvalidCertificate(_)),
        _ => false,
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
