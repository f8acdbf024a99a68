//! Which proxy is asked for which address: what the environment says, read as curl and Go do it.

use std::env;
use std::net::IpAddr;

use ureq::Proxy;
use ureq::http::Uri;

/// The proxies of this computer, and for which hosts they are not asked.
pub(super) struct Proxies {
    /// For `http://` addresses.
    pub plain: Way,
    /// For `https://` addresses.
    pub secure: Way,
    exceptions: Vec<Exception>,
}

/// The proxy, if there is one; or the variable that names none that can be asked.
pub(super) type Way = Result<Option<Proxy>, &'static str>;

/// A host, or hosts, for which no proxy is asked.
#[derive(Debug, PartialEq, Eq)]
enum Exception {
    All,
    /// An address and how many of its bits count.
    Range(IpAddr, u32),
    /// A name and all below it, or an address, on that port or on any.
    Host(String, Option<u16>),
}

impl Proxies {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not.
    pub(super) fn of_environment() -> Self {
        Self::read(|name| env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| {
            let values = [variable(name), variable(&name.to_ascii_lowercase())];
            let mut values = values.into_iter().flatten().map(|value| value.trim().to_owned());
            values.find(|value| !value.is_empty())
        };
        let proxy = |names: [&'static str; 2]| {
            let mut named = names.into_iter().filter_map(|name| Some((name, value(name)?)));
            let (name, address) = named.next()?;
            Some(Proxy::new(&address).map_err(|_| name))
        };
        Self {
            plain: proxy(["HTTP_PROXY", "ALL_PROXY"]).transpose(),
            secure: proxy(["HTTPS_PROXY", "ALL_PROXY"]).transpose(),
            exceptions: exceptions(&value("NO_PROXY").unwrap_or_default()),
        }
    }

    /// The proxy that is asked for an address. None for this computer itself, which a proxy cannot reach.
    ///
    /// # Errors
    /// The variable that should name it.
    pub(super) fn of(&self, address: &Uri) -> Result<Option<&Proxy>, &'static str> {
        let secure = address.scheme_str() == Some("https");
        let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let port = address.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let ip: Option<IpAddr> = host.parse().ok();
        let own = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        let excepted = |exception: &Exception| exception.holds(&host, ip, port);
        if own || self.exceptions.iter().any(excepted) {
            return Ok(None);
        }
        let way = if secure { &self.secure } else { &self.plain };
        way.as_ref().map(Option::as_ref).map_err(|variable| *variable)
    }
}

impl Exception {
    fn holds(&self, host: &str, ip: Option<IpAddr>, port: u16) -> bool {
        match self {
            Self::All => true,
            Self::Range(base, bits) => ip.is_some_and(|ip| is_in(ip, *base, *bits)),
            Self::Host(name, own_port) => {
                let below = || {
                    let rest = host.strip_suffix(name.as_str());
                    rest.is_some_and(|rest| rest.ends_with('.'))
                };
                own_port.is_none_or(|own| own == port) && (host == name || (ip.is_none() && below()))
            }
        }
    }
}

/// What stands in `NO_PROXY`: hosts with all below them (also with a dot or `*.` in front), addresses, ranges, with a
/// port or without.
fn exceptions(text: &str) -> Vec<Exception> {
    let entries = text.split(|c: char| c == ',' || c.is_whitespace());
    entries
        .filter(|entry| !entry.is_empty())
        .map(|entry| exception(&entry.to_ascii_lowercase()))
        .collect()
}

fn exception(entry: &str) -> Exception {
    if entry == "*" {
        return Exception::All;
    }
    let range = entry.split_once('/').and_then(|(base, bits)| {
        let base: IpAddr = base.parse().ok()?;
        let bits = bits.parse().ok()?;
        Some(Exception::Range(base, bits))
    });
    if let Some(range) = range {
        return range;
    }
    let (host, port) = match entry.rsplit_once(':') {
        // An address of version 6 has colons of its own.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
        _ => (entry, None),
    };
    let host = host.trim_matches(['[', ']']);
    let host = host.strip_prefix('*').unwrap_or(host);
    Exception::Host(host.trim_matches('.').to_owned(), port)
}

fn is_in(ip: IpAddr, base: IpAddr, bits: u32) -> bool {
    let same = |a: u128, b: u128, length: u32| {
        let rest = length.saturating_sub(bits);
        a.checked_shr(rest).unwrap_or(0) == b.checked_shr(rest).unwrap_or(0)
    };
    match (ip, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::read(|name| {
            let found = variables.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn asked(proxies: &Proxies, address: &str) -> Option<String> {
        match proxies.of(&address.parse().unwrap()) {
            Ok(proxy) => proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())),
            Err(variable) => Some(variable.to_owned()),
        }
    }

    #[test]
    fn each_kind_of_address_has_its_own_proxy() {
        let (plain, secure) = ("http://a.example/", "https://a.example/");
        for (variables, of_plain, of_secure) in [
            (&[][..], None, None),
            (&[("HTTPS_PROXY", "http://s:1")], None, Some("s:1")),
            (&[("http_proxy", "p:2")], Some("p:2"), None),
            (
                &[
                    ("HTTP_PROXY", "http://p:2"),
                    ("https_proxy", "http://me:secret@s:1"),
                ],
                Some("p:2"),
                Some("s:1"),
            ),
            (
                &[("ALL_PROXY", "http://all"), ("HTTPS_PROXY", "http://s:1")],
                Some("all:80"),
                Some("s:1"),
            ),
            (
                &[("HTTP_PROXY", " "), ("all_proxy", "socks5h://x")],
                Some("x:1080"),
                Some("x:1080"),
            ),
            // What cannot be asked is not passed over.
            (
                &[("https_proxy", "pigeon://x:1"), ("ALL_PROXY", "all:1")],
                Some("all:1"),
                Some("HTTPS_PROXY"),
            ),
        ] {
            let proxies = proxies(variables);
            assert_eq!(asked(&proxies, plain).as_deref(), of_plain, "{variables:?}");
            assert_eq!(asked(&proxies, secure).as_deref(), of_secure, "{variables:?}");
        }
    }

    #[test]
    fn hosts_that_are_excepted_are_asked_themselves() {
        for (exceptions, address, excepted) in [
            ("", "http://school.example/", false),
            ("", "http://localhost:8000/", true),
            ("", "http://127.3.2.1/", true),
            ("", "http://[::1]:8000/", true),
            ("*", "http://school.example/", true),
            ("school.example", "http://school.example/", true),
            ("School.Example", "https://BOXES.school.EXAMPLE/", true),
            ("school.example", "http://preschool.example/", false),
            (".school.example", "http://boxes.school.example/", true),
            ("*.school.example", "http://boxes.school.example./", true),
            ("example.org, school.example", "http://school.example/", true),
            ("example.org school.example", "http://school.example/", true),
            ("school.example:8000", "http://school.example:8000/", true),
            ("school.example:8000", "http://school.example/", false),
            ("school.example:443", "https://school.example/", true),
            ("192.168.0.7", "http://192.168.0.7:8000/", true),
            ("192.168.0.7:80", "http://192.168.0.7:8000/", false),
            ("168.0.7", "http://192.168.0.7/", false),
            ("192.168.0.0/16", "http://192.168.200.7/", true),
            ("192.168.0.0/16", "http://192.169.0.7/", false),
            ("0.0.0.0/0", "http://192.169.0.7/", true),
            ("192.168.0.0/16", "http://school.example/", false),
            ("fd00::/8", "http://[fd12::1]/", true),
            ("fd00::/8", "http://[fe80::1]/", false),
            ("fd12::1", "http://[fd12::1]:8000/", true),
            ("[fd12::1]:8000", "http://[fd12::1]:8000/", true),
            ("[fd12::1]:8000", "http://[fd12::1]/", false),
        ] {
            let proxies = proxies(&[
                ("HTTP_PROXY", "http://p:1"),
                ("HTTPS_PROXY", "http://p:1"),
                ("NO_PROXY", exceptions),
            ]);
            assert_eq!(
                asked(&proxies, address).is_none(),
                excepted,
                "{exceptions}: {address}"
            );
        }
    }
}
